namespace Holdfast.Api.Http.Problems;

/// <summary>
/// The request does not reach its owner: it cannot be read, or nobody answers. An owner's refusal is an outcome, not this.
/// </summary>
public sealed class RefusedRequestException(Problem problem, Exception? inner = null) : Exception(problem.Detail, inner)
{
    public Problem Problem => problem;
}
