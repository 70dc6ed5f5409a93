using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;

namespace Holdfast.Tests.Tidy;

/// <summary>
/// A blocked pool thread is a silo that answers late. Read from the compiled assemblies: a property of ours may well be called
/// Result, and only the compiler knows whose it is.
/// </summary>
public sealed partial class BlockingTests
{
    private static readonly string[] Waits = ["get_Result", "Wait", "WaitAll", "WaitAny"];

    private static readonly string[] Tasks = ["Task", "Task`1", "ValueTask`1"];

    public static TheoryData<string> Rooms() => [.. House.Rooms];

    [Theory]
    [MemberData(nameof(Rooms))]
    public void No_thread_waits_for_a_task(string project)
    {
        Assert.Empty(BlockingCalls(Path.Combine(AppContext.BaseDirectory, $"Holdfast.{project}.dll")));
    }

    [Fact]
    public void Only_a_thread_of_its_own_waits_for_an_awaiter()
    {
        Assert.DoesNotContain(Repository.Files("src", ".cs"), path => WaitsForAwaiter(Repository.Code(Repository.Read(path))));
    }

    [Fact]
    public void A_blocking_call_is_found()
    {
        Assert.Equal(["Task`1.get_Result"], BlockingCalls(typeof(BlockingTests).Assembly.Location));
    }

    [Theory]
    [InlineData("var x = task.GetAwaiter().GetResult();", true)]
    [InlineData("var x = await task;", false)]
    [InlineData("new Thread(Run) { IsBackground = true }.Start(); void Run() => task.AsTask().GetAwaiter().GetResult();", false)]
    public void A_wait_for_an_awaiter_is_found(string code, bool waits)
    {
        Assert.Equal(waits, WaitsForAwaiter(code));
    }

    private static IEnumerable<string> BlockingCalls(string assembly)
    {
        using var file = new PEReader(File.OpenRead(assembly));
        var metadata = file.GetMetadataReader();
        return [.. metadata.MemberReferences.Select(metadata.GetMemberReference)
            .Where(member => Waits.Contains(metadata.GetString(member.Name)))
            .Select(member => (Type: TypeName(metadata, member.Parent), Name: metadata.GetString(member.Name)))
            .Where(member => Tasks.Contains(member.Type))
            .Select(member => $"{member.Type}.{member.Name}")
            .Distinct()];
    }

    private static string TypeName(MetadataReader metadata, EntityHandle type)
    {
        if (type.Kind == HandleKind.TypeSpecification)
        {
            var signature = metadata.GetBlobReader(metadata.GetTypeSpecification((TypeSpecificationHandle)type).Signature);
            if (signature.ReadSignatureTypeCode() != SignatureTypeCode.GenericTypeInstance)
                return "";
            signature.ReadCompressedInteger();
            type = signature.ReadTypeHandle();
        }

        return type.Kind == HandleKind.TypeReference ? metadata.GetString(metadata.GetTypeReference((TypeReferenceHandle)type).Name) : "";
    }

    private static bool WaitsForAwaiter(string code) =>
        AwaiterResult().IsMatch(code) && !OwnThread().IsMatch(code);

    [GeneratedRegex(@"\bnew Thread\(|TaskCreationOptions\.LongRunning\b")]
    private static partial Regex OwnThread();

    [GeneratedRegex(@"GetAwaiter\(\)\s*\.GetResult\(")]
    private static partial Regex AwaiterResult();

    /// <summary>What <see cref="A_blocking_call_is_found"/> finds.</summary>
    internal static class Example
    {
        internal static int Block(Task<int> task) => task.Result;
    }
}
