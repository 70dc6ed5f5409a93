using System.Text.Json.Nodes;
using CsCheck;
using Holdfast.Contracts;
using Holdfast.Contracts.Profiles;
using Holdfast.Domain.Owner;
using Holdfast.Domain.Profiles;
using Holdfast.Tests.Domain.Owner;

namespace Holdfast.Tests.Domain.Profiles;

public sealed class ProfileRulesTests
{
    private readonly PlayedStream<ProfileState, ProfileEvent> _profile = new(ProfileKind.Instance, "ada");

    public enum Found
    {
        Nothing,
        Profile,
        Erased,
    }

    [Theory]
    [InlineData(Found.Nothing, ProfileStatus.Created)]
    [InlineData(Found.Profile, ProfileStatus.Changed)]
    [InlineData(Found.Erased, ProfileStatus.Created)]
    public void Put_replaces_the_profile_whole(Found found, ProfileStatus status)
    {
        Arrange(found);

        var outcome = Put(9, """{"c":3}""");

        Assert.Equal(new(status, new("ada", """{"c":3}""", _profile.State.Version)), outcome);
        Assert.Equal(["Put"], Names());
    }

    [Theory]
    [InlineData(Found.Nothing, ProfileStatus.Created, """{"b":2}""")]
    [InlineData(Found.Profile, ProfileStatus.Changed, """{"b":2}""")]
    [InlineData(Found.Erased, ProfileStatus.Created, """{"b":2}""")]
    public void Patch_changes_the_members_it_names(Found found, ProfileStatus status, string json)
    {
        Arrange(found);

        var outcome = Patch(9, """{"a":null,"b":2}""");

        Assert.Equal(new(status, new("ada", json, _profile.State.Version)), outcome);
        Assert.Equal("""{"a":null,"b":2}""", Assert.IsType<ProfileEvent.Patched>(Assert.Single(_profile.Events)).Patch.ToJsonString());
    }

    [Theory]
    [InlineData(Found.Nothing, ProfileStatus.NotFound, "")]
    [InlineData(Found.Profile, ProfileStatus.Erased, "Erased")]
    [InlineData(Found.Erased, ProfileStatus.NotFound, "")]
    public void Erase_leaves_no_profile(Found found, ProfileStatus status, string events)
    {
        Arrange(found);

        Assert.Equal(new(status, null), Erase(9));
        Assert.Equal(events, string.Join(", ", Names()));
        Assert.Null(_profile.Read(ProfileRules.View));
    }

    [Theory]
    [InlineData(Found.Nothing, 0L, false)]
    [InlineData(Found.Nothing, 1L, false)]
    [InlineData(Found.Profile, 2L, false)]
    [InlineData(Found.Profile, 0L, false)]
    [InlineData(Found.Profile, null, true)]
    [InlineData(Found.Erased, 1L, false)]
    [InlineData(Found.Erased, 2L, false)]
    public void An_edit_of_another_version_than_the_caller_saw_is_refused(Found found, long? ifVersion, bool ifAbsent)
    {
        Arrange(found);
        var now = _profile.Read(ProfileRules.View);

        Assert.Equal(new(ProfileStatus.VersionMismatch, now), Put(9, "{}", ifVersion, ifAbsent));
        Assert.True(_profile.Refused);
        Assert.Equal(new(ProfileStatus.VersionMismatch, now), Patch(9, "{}", ifVersion, ifAbsent));
        Assert.True(_profile.Refused);
    }

    [Theory]
    [InlineData(Found.Nothing, null, true)]
    [InlineData(Found.Profile, 1L, false)]
    [InlineData(Found.Erased, null, true)]
    public void An_edit_of_the_version_that_the_caller_saw_is_made(Found found, long? ifVersion, bool ifAbsent)
    {
        Arrange(found);

        Assert.NotNull(Put(9, "{}", ifVersion, ifAbsent).Profile);
        Assert.Single(_profile.Events);
    }

    [Fact]
    public void An_erasure_of_another_version_is_refused()
    {
        Arrange(Found.Profile);

        Assert.Equal(ProfileStatus.VersionMismatch, Erase(9, 2).Status);
        Assert.Equal(ProfileStatus.Erased, Erase(9, 1).Status);
    }

    [Fact]
    public void Two_edits_of_different_members_both_win()
    {
        Arrange(Found.Nothing);
        Patch(1, """{"name":"Ada","address":{"city":"London"}}""");
        Patch(2, """{"address":{"country":"GB"}}""");

        Assert.Equal("""{"name":"Ada","address":{"city":"London","country":"GB"}}""", _profile.Read(ProfileRules.View)!.Json);
    }

    [Fact]
    public void A_version_is_never_used_again_not_even_after_an_erasure()
    {
        Assert.Equal(1, Put(1, "{}").Profile!.Version);
        Erase(2);
        Assert.Equal(3, Put(3, "{}").Profile!.Version);
    }

    [Fact]
    public void A_repeated_edit_has_no_second_effect_although_its_version_is_stale_by_its_own_effect()
    {
        Arrange(Found.Profile);
        Patch(5, """{"b":2}""", ifVersion: 1);
        Patch(6, """{"b":3}""");

        Assert.Equal(new(ProfileStatus.Changed, new("ada", """{"a":1,"b":3}""", 3), Replayed: true), Patch(5, """{"b":2}""", ifVersion: 1));
        Assert.Empty(_profile.Events);
    }

    [Fact]
    public void The_same_id_with_another_content_is_key_reuse()
    {
        Arrange(Found.Profile);

        Assert.Equal(ProfileStatus.KeyReused, Put(1, "{}", fingerprint: 8).Status);
        Assert.Equal(ProfileStatus.KeyReused, Patch(1, "{}", fingerprint: 8).Status);
        Assert.Equal(ProfileStatus.KeyReused, _profile.Erase(new EraseProfile(new(Id(1), 8))).Status);
        Assert.Empty(_profile.Events);
    }

    [Fact]
    public void A_late_retry_of_an_edit_does_not_bring_an_erased_person_back()
    {
        Arrange(Found.Profile);
        Erase(9);

        Assert.Equal(new(ProfileStatus.Erased, null, Replayed: true), Put(1, """{"a":1}"""));
        Assert.Equal(new(ProfileStatus.Erased, null, Replayed: true), Erase(9));
        Assert.Empty(_profile.Events);

        // After the erasure the earlier rows are blank: only the tombstone is left to tell.
        var survivor = _profile.ReplayFrom(new ProfileState("ada"), skip: 1);
        var owner = new Owner<ProfileState, ProfileEvent>(ProfileKind.Instance, survivor, survivor.Version, _profile.Now);
        var retry = new EditProfile(new(Id(1), 7), """{"a":1}""");
        Assert.Equal(
            new(ProfileStatus.Erased, null, Replayed: true),
            owner.DecideOnce(retry.Operation, retry, ProfileRules.Put, ProfileRules.ChangedBefore, _profile.Now));
        Assert.False(owner.HasUnsent);
    }

    [Fact]
    public void A_tombstone_says_nothing_of_the_person()
    {
        Put(1, """{"name":"Ada"}""");
        Erase(2);

        var tombstone = Assert.IsType<ProfileEvent.Erased>(Assert.Single(_profile.Events));
        Assert.Equal([(Id(1), 0UL)], tombstone.Known.Select(static known => (known.Id, known.Receipt.Fingerprint)));
        Assert.DoesNotContain("Ada", System.Text.Json.JsonSerializer.Serialize([tombstone], ProfileKind.Instance.Events));
    }

    [Theory]
    [InlineData(0, ProfileStatus.Created)]
    [InlineData(1, ProfileStatus.TooLarge)]
    public void A_profile_is_bounded_to_the_byte(int over, ProfileStatus status)
    {
        var frame = """{"a":""}""".Length;

        Assert.Equal(status, Put(1, $$"""{"a":"{{new string('x', Limits.ProfileBytes - frame + over)}}"}""").Status);
        Assert.Equal(status == ProfileStatus.TooLarge, _profile.Refused);
    }

    [Fact]
    public void A_patch_that_would_make_the_profile_too_large_leaves_no_trace()
    {
        var half = new string('x', Limits.ProfileBytes / 2);
        var before = Put(1, $$"""{"a":"{{half}}"}""").Profile;

        Assert.Equal(new(ProfileStatus.TooLarge, before), Patch(2, $$"""{"b":"{{half}}"}"""));
        Assert.Equal(before, _profile.Read(ProfileRules.View));
    }

    [Fact]
    public void A_profile_agrees_with_a_document_that_is_merged_by_hand_and_with_its_replay()
    {
        var members = Gen.Select(Gen.OneOf("a", "b"), Gen.OneOf("1", "null", """{"x":1}""", """{"x":null,"y":[2]}"""))
            .Array[0, 2].Select(static pairs => $"{{{string.Join(",", pairs.DistinctBy(static pair => pair.Item1).Select(static pair => $"\"{pair.Item1}\":{pair.Item2}"))}}}");
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 9], Gen.ULong[1, 2], members, Gen.Int[0, 3]).List[0, 30].Sample(
            static steps =>
            {
                var played = new PlayedStream<ProfileState, ProfileEvent>(ProfileKind.Instance, "ada");
                var known = new Dictionary<Guid, ulong>();
                JsonObject? document = null;
                foreach (var (verb, id, fingerprint, json, seen) in steps)
                {
                    var operation = new Operation(Id(id), fingerprint);
                    var version = seen switch { 0 => played.State.ProfileVersion, 1 => 1, _ => (long?)null };
                    var mismatch = version is not null && (document is null || version != played.State.ProfileVersion);
                    var expected = (known.TryGetValue(operation.Id, out var first), verb) switch
                    {
                        (true, _) when first != fingerprint && first != 0 => ProfileStatus.KeyReused,
                        (true, _) => (ProfileStatus?)null,
                        (_, 3) when document is null => ProfileStatus.NotFound,
                        _ when mismatch => ProfileStatus.VersionMismatch,
                        (_, 3) => ProfileStatus.Erased,
                        _ => document is null ? ProfileStatus.Created : ProfileStatus.Changed,
                    };
                    var outcome = verb switch
                    {
                        0 or 1 => played.Patch(new EditProfile(operation, json, version)),
                        2 => played.Put(new EditProfile(operation, json, version)),
                        _ => played.Erase(new EraseProfile(operation, version)),
                    };
                    if (expected is { } status) Assert.Equal(status, outcome.Status);
                    if (expected is ProfileStatus.Created or ProfileStatus.Changed or ProfileStatus.Erased)
                    {
                        // An erasure leaves nothing of what was asked before it, not even what would tell it from something else.
                        if (expected is ProfileStatus.Erased) known = known.ToDictionary(static asked => asked.Key, static _ => 0UL);
                        known.Add(operation.Id, fingerprint);
                        document = verb switch
                        {
                            0 or 1 => MergePatch.Apply(document ?? [], Parse(json)),
                            2 => Parse(json),
                            _ => null,
                        };
                    }

                    Assert.Equal(document?.ToJsonString(), played.Read(ProfileRules.View)?.Json);
                    if (outcome.Status != ProfileStatus.Erased) Assert.Equal(document?.ToJsonString(), outcome.Profile?.Json);
                    Assert.Equal(Text(played.State), Text(played.Replay()));
                }
            },
            iter: 2_000,
            threads: 1);
    }

    private void Arrange(Found found)
    {
        if (found != Found.Nothing) Put(1, """{"a":1}""");
        if (found == Found.Erased) Erase(2);
    }

    private ProfileOutcome Put(int id, string json, long? ifVersion = null, bool ifAbsent = false, ulong fingerprint = 7) =>
        _profile.Put(new EditProfile(new(Id(id), fingerprint), json, ifVersion, ifAbsent));

    private ProfileOutcome Patch(int id, string json, long? ifVersion = null, bool ifAbsent = false, ulong fingerprint = 7) =>
        _profile.Patch(new EditProfile(new(Id(id), fingerprint), json, ifVersion, ifAbsent));

    private ProfileOutcome Erase(int id, long? ifVersion = null) =>
        _profile.Erase(new EraseProfile(new(Id(id), 7), ifVersion));

    private IEnumerable<string> Names() => _profile.Events.Select(static @event => @event.GetType().Name);

    private static string Text(ProfileState state) =>
        $"{state.Document?.ToJsonString()} {state.ProfileVersion} {state.Version} {StateText.Of(state.Receipts)}";

    private static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();

    private static Guid Id(int number) => new(number, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
}
