using System.Text.Json.Serialization.Metadata;
using Holdfast.Domain.Owner;

namespace Holdfast.Tests.Domain.Owner;

public sealed class BrokenStateTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly Owner<Fragile, string> _owner = new(new FragileKind(), new(), 0, default);

    [Fact]
    public void An_event_that_the_state_cannot_take_ends_the_owner_that_decided_it()
    {
        var broken = Assert.Throws<InvariantViolationException>(
            () => _owner.Decide(0, static (_, _, _) => new Decision<string, int>(1, ["bad"]), Now));

        Assert.IsType<OverflowException>(broken.InnerException);
        Assert.Contains("String", broken.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nor_can_anybody_go_on_with_what_comes_due_by_time_alone()
    {
        _owner.State.Due = "bad";

        Assert.Throws<InvariantViolationException>(() => _owner.Read(0, (_, _, _) => 1, Now));
    }

    private sealed class Fragile : IOwnerState<string>
    {
        public string? Due { get; set; }

        public void Apply(string @event, long version, DateTimeOffset at)
        {
            if (@event == "bad") throw new OverflowException("too much");
        }

        public string? Elapse(DateTimeOffset now) => Due;
    }

    private sealed class FragileKind : OwnerKind<Fragile, string>
    {
        public override string Name => "fragile";

        public override JsonTypeInfo<string[]> Events => throw new NotSupportedException();

        public override Fragile NewState(string key) => new();

        public override bool Publishes(string @event) => false;
    }
}
