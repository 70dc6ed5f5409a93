using System.Text.Json.Nodes;
using CsCheck;
using Holdfast.Domain.Profiles;

namespace Holdfast.Tests.Domain.Profiles;

public sealed class MergePatchRulesTests
{
    private static readonly Gen<string> Names = Gen.OneOf("a", "b", "c", "");

    private static readonly Gen<JsonNode?> Leaves = Gen.Frequency(
        (2, Gen.Const((JsonNode?)null)),
        (2, Gen.Int[0, 3].Select(static number => (JsonNode?)JsonValue.Create(number))),
        (1, Gen.Bool.Select(static value => (JsonNode?)JsonValue.Create(value))),
        (1, Names.Select(static text => (JsonNode?)JsonValue.Create(text))));

    private static readonly Gen<JsonNode?> Values = Gen.Recursive<JsonNode?>(static (depth, values) => depth > 4
        ? Leaves
        : Gen.Frequency(
            (3, Leaves),
            (1, values.Array[0, 3].Select(static items => (JsonNode?)new JsonArray([.. items.Select(Copy)]))),
            (3, Members(values).Select(static members => (JsonNode?)members))));

    private static readonly Gen<JsonObject> Objects = Members(Values);

    /// <summary>RFC 7396, appendix A: those whose target and patch are objects, as a profile and a patch of it always are.</summary>
    [Theory]
    [InlineData("""{"a":"b"}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"b":"c"}""", """{"a":"b","b":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"a":null}""", "{}")]
    [InlineData("""{"a":"b","b":"c"}""", """{"a":null}""", """{"b":"c"}""")]
    [InlineData("""{"a":["b"]}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"c"}""", """{"a":["b"]}""", """{"a":["b"]}""")]
    [InlineData("""{"a":{"b":"c"}}""", """{"a":{"b":"d","c":null}}""", """{"a":{"b":"d"}}""")]
    [InlineData("""{"a":[{"b":"c"}]}""", """{"a":[1]}""", """{"a":[1]}""")]
    [InlineData("""{"e":null}""", """{"a":1}""", """{"e":null,"a":1}""")]
    [InlineData("{}", """{"a":{"bb":{"ccc":null}}}""", """{"a":{"bb":{}}}""")]
    [InlineData(
        """{"title":"Goodbye!","author":{"givenName":"John","familyName":"Doe"},"tags":["example","sample"],"content":"This will be unchanged"}""",
        """{"title":"Hello!","phoneNumber":"+01-123-456-7890","author":{"familyName":null},"tags":["example"]}""",
        """{"title":"Hello!","author":{"givenName":"John"},"tags":["example"],"content":"This will be unchanged","phoneNumber":"+01-123-456-7890"}""")]
    public void The_examples_of_the_rfc_hold(string target, string patch, string expected)
    {
        var (before, change) = (Parse(target), Parse(patch));

        AssertSame(Parse(expected), MergePatch.Apply(before, change));
        AssertSame(Parse(target), before);
        AssertSame(Parse(patch), change);
    }

    [Theory]
    [InlineData("""{"a":"text"}""", """{"a":{"b":1,"c":null}}""", """{"a":{"b":1}}""")]
    [InlineData("""{"a":null}""", """{"a":{"b":1}}""", """{"a":{"b":1}}""")]
    [InlineData("""{"a":{"b":1}}""", """{"a":{}}""", """{"a":{"b":1}}""")]
    [InlineData("{}", """{"a":[null,{"b":null}]}""", """{"a":[null,{"b":null}]}""")]
    [InlineData("""{"a":1}""", "{}", """{"a":1}""")]
    public void An_object_replaces_what_is_none_and_nulls_inside_a_list_stay(string target, string patch, string expected) =>
        AssertSame(Parse(expected), MergePatch.Apply(Parse(target), Parse(patch)));

    [Fact]
    public void A_patch_agrees_with_the_rfcs_own_recursion_and_leaves_both_arguments_alone()
    {
        Gen.Select(Objects, Objects).Sample(
            static (target, patch) =>
            {
                var (targetBefore, patchBefore) = (target.ToJsonString(), patch.ToJsonString());

                var merged = MergePatch.Apply(target, patch);

                AssertSame(Naive(target, patch)!, merged);
                Assert.Equal((targetBefore, patchBefore), (target.ToJsonString(), patch.ToJsonString()));
                AssertSame(merged, MergePatch.Apply(merged, patch));
            },
            iter: 10_000,
            threads: 1,
            print: static pair => $"{pair.Item1.ToJsonString()} patched with {pair.Item2.ToJsonString()}");
    }

    private static JsonNode? Naive(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonObject members) return Copy(patch);
        var result = new List<KeyValuePair<string, JsonNode?>>();
        foreach (var (name, value) in target as JsonObject ?? [])
        {
            if (!members.ContainsKey(name)) result.Add(new(name, Copy(value)));
            else if (members[name] is { } change) result.Add(new(name, Naive(value, change)));
        }

        foreach (var (name, value) in members)
        {
            var known = target is JsonObject existing && existing.ContainsKey(name);
            if (!known && value is not null) result.Add(new(name, Naive(null, value)));
        }

        return new JsonObject(result);
    }

    private static Gen<JsonObject> Members(Gen<JsonNode?> values) => Gen.Select(Names, values).Array[0, 4].Select(static members =>
        new JsonObject(members.DistinctBy(static member => member.Item1)
            .Select(static member => KeyValuePair.Create(member.Item1, Copy(member.Item2)))));

    private static JsonNode? Copy(JsonNode? node) => node?.DeepClone();

    private static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();

    private static void AssertSame(JsonNode expected, JsonNode actual) =>
        Assert.True(JsonNode.DeepEquals(expected, actual), $"expected {expected.ToJsonString()}, got {actual.ToJsonString()}");
}
