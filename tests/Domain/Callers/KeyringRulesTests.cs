using Holdfast.Contracts;
using Holdfast.Contracts.Callers;
using Holdfast.Domain.Callers;
using Holdfast.Tests.Domain.Owner;

namespace Holdfast.Tests.Domain.Callers;

public sealed class KeyringRulesTests
{
    private readonly PlayedStream<KeyringState, KeyringEvent> _ring = new(KeyringKind.Instance, IKeyring.Only);

    [Fact]
    public void A_key_has_a_name_scopes_and_an_end_and_only_the_hash_of_its_secret()
    {
        var made = Make(1, "shop", _ring.Now.AddDays(1));

        Assert.Equal(
            (KeyStatus.Made, false, "shop", 1L, _ring.Now, (DateTimeOffset?)_ring.Now.AddDays(1), "hash-1"),
            (made.Status, made.Replayed, made.Key!.Name, made.Key.Number, made.Key.MadeAt, made.Key.ExpiresAt, made.Key.Hash));
        Assert.Equal([Scopes.OrdersRead], made.Key.Scopes);
        Assert.Equivalent(made.Key, Assert.Single(_ring.State.Keys), strict: true);
        Assert.Equivalent(_ring.State.Keys, _ring.Replay().Keys, strict: true);
        Assert.Null(made.Text);
    }

    [Fact]
    public void A_repeat_makes_no_other_key_and_something_else_under_its_id_is_refused()
    {
        var first = Make(1, "shop");

        // Drawn anew, for nothing.
        var again = Make(1, "shop", id: "ffffffffffffffff");
        Assert.Equal((KeyStatus.Made, true, first.Key!.Id), (again.Status, again.Replayed, again.Key!.Id));
        Assert.Empty(_ring.Events);
        Assert.Equal(KeyStatus.KeyReused, Make(1, "other", fingerprint: 8).Status);
        Assert.Single(_ring.State.Keys);
    }

    [Fact]
    public void Two_keys_of_a_name_are_live_at_once_and_a_third_when_one_has_ended()
    {
        var first = Make(1, "shop");
        Make(2, "shop", _ring.Now.AddHours(1));
        Assert.Equal(KeyStatus.TwoLive, Make(3, "shop").Status);
        Assert.True(_ring.Refused);
        Assert.Equal(KeyStatus.Made, Make(4, "elsewhere").Status);

        Revoke(5, first.Key!.Id);
        Assert.Equal(KeyStatus.Made, Make(3, "shop").Status);
        Assert.Equal(KeyStatus.TwoLive, Make(6, "shop").Status);
        _ring.Now = _ring.Now.AddHours(1);
        Assert.Equal(KeyStatus.Made, Make(6, "shop").Status);
    }

    [Fact]
    public void A_key_is_revoked_once_and_says_when()
    {
        var key = Make(1, "shop").Key!;
        var at = _ring.Now = _ring.Now.AddMinutes(1);
        var revoked = Revoke(2, key.Id);
        Assert.Equal((KeyStatus.Revoked, at, false), (revoked.Status, revoked.Key!.RevokedAt, revoked.Key.IsLive(at)));

        _ring.Now = at.AddMinutes(1);
        Assert.Equal((at, true), (Revoke(2, key.Id).Key!.RevokedAt, Revoke(2, key.Id).Replayed));
        Assert.Equal(at, Revoke(3, key.Id).Key!.RevokedAt);
        Assert.True(_ring.Refused);
        Assert.Equal(KeyStatus.NotFound, Revoke(4, "0000000000000009").Status);
        Assert.Equal(KeyStatus.KeyReused, Revoke(1, key.Id, fingerprint: 9).Status);
    }

    [Fact]
    public void A_key_that_would_have_ended_already_is_not_made()
    {
        Assert.Equal(KeyStatus.ExpiryPast, Make(1, "shop", _ring.Now).Status);
        Assert.Equal(KeyStatus.Made, Make(1, "shop", _ring.Now.AddMilliseconds(1)).Status);
    }

    [Fact]
    public void A_key_ends_at_its_end()
    {
        var key = Make(1, "shop", _ring.Now.AddHours(1)).Key!;
        Assert.True(key.IsLive(_ring.Now.AddHours(1).AddTicks(-1)));
        Assert.False(key.IsLive(_ring.Now.AddHours(1)));
    }

    [Fact]
    public void A_key_may_hold_to_the_end_of_time()
    {
        Make(1, "shop", DateTimeOffset.MaxValue);
        Assert.Equal(KeyStatus.Made, Make(2, "elsewhere").Status);
        Assert.Equal(2, _ring.State.Keys.Count(key => key.IsLive(_ring.Now)));
        AssertReplays();
    }

    [Fact]
    public void One_that_has_ended_is_forgotten_a_month_later()
    {
        var first = Make(1, "shop").Key!;
        Revoke(2, first.Id);
        _ring.Now = _ring.Now.AddDays(30);
        Make(3, "shop");
        Assert.Contains(_ring.State.Keys, key => key.Id == first.Id);
        _ring.Now = _ring.Now.AddMilliseconds(1);
        Make(4, "elsewhere");
        Assert.DoesNotContain(_ring.State.Keys, key => key.Id == first.Id);
        AssertReplays();
    }

    [Fact]
    public void Whoever_makes_and_revokes_keys_without_end_keeps_nobody_from_making_one()
    {
        for (var i = 1; i <= 2 * Limits.Keys; i++) Revoke(100_000 + i, Make(i, "leaked").Key!.Id);
        Assert.Equal(KeyStatus.Made, Make(3_000, "operator").Status);
        Assert.Equal((Limits.Keys, (2 * Limits.Keys) + 1L), (_ring.State.Keys.Count, _ring.State.LastNumber));
        AssertReplays();
    }

    [Fact]
    public void A_full_ring_forgets_first_what_ended_first_and_no_key_that_holds()
    {
        for (var i = 1; i <= Limits.Keys; i++) Make(i, $"name-{i}");
        Assert.Equal(KeyStatus.Full, Make(2_000, "one more").Status);
        foreach (var id in new[] { 7, 3 })
        {
            _ring.Now = _ring.Now.AddSeconds(1);
            Revoke(3_000 + id, id.ToString("x16"));
        }

        Assert.Equal(KeyStatus.Made, Make(2_000, "one more").Status);
        Assert.Equal([3L], _ring.State.Keys.Where(static key => key.RevokedAt is not null).Select(static key => key.Number));
        Assert.Equal(KeyStatus.Made, Make(2_001, "another").Status);
        Assert.Equal((true, Limits.Keys), (_ring.State.Keys.All(key => key.IsLive(_ring.Now)), _ring.State.Keys.Count));
        Assert.Equal(KeyStatus.Full, Make(2_002, "too many").Status);

        // To a repeat nothing is left to be told of it.
        Assert.Equal((KeyStatus.Made, true, null), Told(Make(7, "name-7")));
        AssertReplays();
    }

    [Fact]
    public void The_operator_makes_a_key_however_many_there_are()
    {
        for (var i = 1; i <= Limits.Keys; i++) Make(i, $"name-{i}");
        Assert.Equal(KeyStatus.Made, Make(2_000, "operator", isUnbounded: true).Status);
        Assert.Equal(Limits.Keys + 1, _ring.State.Keys.Count);
        AssertReplays();
    }

    private void AssertReplays() => Assert.Equivalent(_ring.State.Keys, _ring.Replay().Keys, strict: true);

    private static (KeyStatus Status, bool Replayed, StoredKey? Key) Told(KeyOutcome outcome) =>
        (outcome.Status, outcome.Replayed, outcome.Key);

    private KeyOutcome Make(
        int operation, string name, DateTimeOffset? expiresAt = null, ulong fingerprint = 7, string? id = null, bool isUnbounded = false)
    {
        var command = new MakeKey(new(Id(operation), fingerprint), name, [Scopes.OrdersRead], expiresAt);
        var drawn = new DrawnKey(command, id ?? operation.ToString("x16"), $"hash-{operation}", isUnbounded);
        return _ring.Once(command.Operation, drawn, KeyringRules.Make, KeyringRules.MadeBefore);
    }

    private KeyOutcome Revoke(int operation, string id, ulong fingerprint = 7)
    {
        var command = new RevokeKey(new(Id(operation), fingerprint), id);
        return _ring.Once(command.Operation, command, KeyringRules.Revoke, KeyringRules.RevokedBefore);
    }

    private static Guid Id(int number) => new(number, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
}
