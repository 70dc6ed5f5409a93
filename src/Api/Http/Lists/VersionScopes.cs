using Holdfast.Api.Http.Callers;

namespace Holdfast.Api.Http.Lists;

/// <summary>
/// Who may know how far an owner is. A list that waits for what its caller may not read would tell it whether that has come so far.
/// </summary>
/// <param name="scopes">Of each kind of owner, by how its streams begin: any of them is enough.</param>
internal sealed class VersionScopes(ILookup<string, string> scopes)
{
    public bool Let(Caller caller, string kind) => scopes[kind].Any(caller.Allowed.Contains);
}
