using Holdfast.Rig;

namespace Holdfast.Rings;

/// <summary>A fact about processes that are started and killed. Where that is not possible, it is reported as skipped, with the reason.</summary>
public sealed class ProcessFactAttribute : FactAttribute
{
    public ProcessFactAttribute() => Skip = HoldfastProcess.WhyUnavailable;
}
