namespace Holdfast.Contracts;

/// <summary>Says that a silo answers, and touches nothing else. Any key will do: different ones ask different silos.</summary>
[Alias("holdfast.IPulse")]
public interface IPulse : IGrainWithIntegerKey
{
    [Alias("Beat")]
    ValueTask Beat();
}
