using Holdfast.Domain.Owner;

namespace Holdfast.Tests.Domain.Owner;

public sealed class ReceiptBookRulesTests
{
    private const long Day = ReceiptBook.KeepMilliseconds;

    private readonly ReceiptBook _book = new();

    [Fact]
    public void A_receipt_is_kept_for_24_hours_of_recorded_time_to_the_millisecond()
    {
        _book.Record(Id(1), At(1_000));

        _book.Record(Id(2), At(1_000 + Day));
        Assert.True(_book.TryGet(Id(1), out var kept));
        Assert.Equal(At(1_000), kept);

        _book.Record(Id(3), At(1_001 + Day));
        Assert.False(_book.TryGet(Id(1), out _));
        Assert.True(_book.TryGet(Id(2), out _));
        Assert.Equal(2, _book.Count);
    }

    [Fact]
    public void Only_a_record_makes_a_book_forget_and_never_a_look()
    {
        _book.Record(Id(1), At(0));

        Assert.True(_book.TryGet(Id(1), out _));
        Assert.False(_book.TryGet(Id(2), out _));
        _book.Recall(Id(3), At(5 * Day));
        Assert.True(_book.TryGet(Id(1), out _));
    }

    [Fact]
    public void A_receipt_that_is_recorded_again_is_replaced_and_counted_once()
    {
        _book.Record(Id(1), At(1));
        _book.Record(Id(1), At(2) with { Kind = 3, A = 4, B = 5 });

        Assert.Equal(1, _book.Count);
        Assert.True(_book.TryGet(Id(1), out var receipt));
        Assert.Equal(At(2) with { Kind = 3, A = 4, B = 5 }, receipt);
        Assert.Equal([new KeptReceipt(Id(1), receipt)], _book.Capture().Kept);
    }

    [Fact]
    public void A_receipt_that_is_recorded_again_at_the_same_moment_keeps_its_place()
    {
        _book.Record(Id(1), At(1));
        _book.Record(Id(2), At(1));
        _book.Record(Id(1), At(1) with { Kind = 3 });

        Assert.Equal([Id(1), Id(2)], Order());
        _book.MoveOldest(1);
        _book.ForgetMoved();
        Assert.Equal([Id(2)], Order());
        Assert.False(_book.TryGet(Id(1), out _));
    }

    [Fact]
    public void A_receipt_that_is_recorded_again_later_is_among_the_newest()
    {
        _book.Record(Id(1), At(1));
        _book.Record(Id(2), At(2));
        _book.Record(Id(1), At(3));

        Assert.Equal([Id(2), Id(1)], Order());
        Assert.Equal([Id(2), Id(1)], _book.Oldest(5).Select(static kept => kept.Key));
        _book.MoveOldest(1);
        _book.ForgetMoved();
        Assert.Equal([Id(1)], Order());
        Assert.Equal(2 + Day, _book.SpilledUntil);
    }

    [Fact]
    public void A_book_is_over_its_bound_with_one_receipt_more_than_that()
    {
        for (var i = 0; i < ReceiptBook.MemoryBound; i++) _book.Record(Id(i), At(i));
        Assert.False(_book.OverBound);

        _book.Record(Id(ReceiptBook.MemoryBound), At(ReceiptBook.MemoryBound));
        Assert.True(_book.OverBound);

        _book.MoveOldest(ReceiptBook.SpillSize);
        Assert.False(_book.OverBound);
        Assert.Equal(ReceiptBook.MemoryBound + 1 - ReceiptBook.SpillSize, _book.Count);
    }

    [Fact]
    public void What_is_moved_is_what_was_named_the_oldest()
    {
        for (var i = 0; i < 5; i++) _book.Record(Id(i), At(i));

        var oldest = _book.Oldest(2).ToArray();
        _book.MoveOldest(2);
        _book.ForgetMoved();

        Assert.Equal([new(Id(0), At(0)), new(Id(1), At(1))], oldest);
        Assert.False(_book.TryGet(Id(0), out _));
        Assert.False(_book.TryGet(Id(1), out _));
        Assert.True(_book.TryGet(Id(2), out _));
        Assert.Equal(3, _book.Count);
    }

    [Fact]
    public void What_is_moving_is_known_until_the_move_is_durable()
    {
        _book.Record(Id(1), At(1));
        _book.MoveOldest(1);

        Assert.Equal(0, _book.Count);
        Assert.True(_book.TryGet(Id(1), out var moving));
        Assert.Equal(At(1), moving);
        _book.ForgetMoved();
        Assert.False(_book.TryGet(Id(1), out _));
    }

    [Fact]
    public void The_table_is_asked_for_24_hours_after_the_newest_receipt_that_moved()
    {
        Assert.Equal(0, _book.SpilledUntil);
        _book.Record(Id(1), At(10));
        _book.Record(Id(2), At(20));
        _book.Record(Id(3), At(30));

        _book.MoveOldest(2);

        Assert.Equal(20 + Day, _book.SpilledUntil);
        Assert.Equal(20 + Day, ReceiptBook.Restore(_book.Capture()).SpilledUntil);
    }

    [Fact]
    public void The_table_is_asked_for_everything_that_moved_and_for_hardly_anything_else()
    {
        const int Moved = 200_000;
        Spill(_book, 0, Moved);

        Assert.All(Enumerable.Range(0, Moved), number => Assert.True(_book.MayBeInTable(Id(number), Moved), $"{number} moved."));
        Assert.InRange(Enumerable.Range(Moved, Moved).Count(number => _book.MayBeInTable(Id(number), Moved)), 0, Moved / 100);
    }

    [Fact]
    public void What_is_known_here_is_not_asked_of_the_table()
    {
        _book.Record(Id(1), At(1));
        _book.Record(Id(2), At(2));
        _book.MoveOldest(1);
        Assert.False(_book.MayBeInTable(Id(1), 3));
        Assert.False(_book.MayBeInTable(Id(2), 3));

        _book.ForgetMoved();
        Assert.True(_book.MayBeInTable(Id(1), 3));
        Assert.False(_book.MayBeInTable(Id(1), 1 + Day));
        _book.Recall(Id(1), At(1));
        Assert.False(_book.MayBeInTable(Id(1), 3));
    }

    [Fact]
    public void What_moved_is_known_after_a_snapshot_and_to_a_replay()
    {
        var replayed = new ReceiptBook();
        Spill(_book, 0, 3_000);
        Spill(replayed, 0, 3_000);
        var restored = ReceiptBook.Restore(_book.Capture());
        Assert.Equal(StateText.Of(_book), StateText.Of(replayed));
        Assert.Equal(StateText.Of(_book), StateText.Of(restored));

        foreach (var book in (ReceiptBook[])[_book, replayed, restored]) Spill(book, 3_000, 3_000);

        Assert.Equal(StateText.Of(_book), StateText.Of(replayed));
        Assert.Equal(StateText.Of(_book), StateText.Of(restored));
        Assert.All(Enumerable.Range(0, 6_000), number => Assert.True(restored.MayBeInTable(Id(number), 6_000), $"{number} moved."));
    }

    [Fact]
    public void A_copy_knows_nothing_of_what_moves_after_it()
    {
        Spill(_book, 0, 100);
        var copy = _book.Capture();
        Spill(_book, 100, 100);

        var restored = ReceiptBook.Restore(copy);
        Assert.True(restored.MayBeInTable(Id(99), 200));
        Assert.InRange(Enumerable.Range(100, 100).Count(number => restored.MayBeInTable(Id(number), 200)), 0, 5);
    }

    [Fact]
    public void After_a_snapshot_that_does_not_say_what_moved_the_table_is_asked_for_everything()
    {
        Spill(_book, 0, 10);
        var restored = ReceiptBook.Restore(ReceiptBook.Restore(_book.Capture() with { Spilled = null }).Capture());
        Spill(restored, 10, 10);

        Assert.True(restored.MayBeInTable(Id(5), 20));
        Assert.True(restored.MayBeInTable(Id(15), 20));
        Assert.True(restored.MayBeInTable(Id(1_000), 20));

        // Once those are forgotten, what has moved since is known.
        restored.Record(Id(100), At(Day + 11));
        Assert.True(restored.MayBeInTable(Id(15), Day + 11));
        Assert.False(restored.MayBeInTable(Id(1_000), Day + 11));
    }

    [Fact]
    public void What_moved_is_forgotten_after_24_hours_and_so_is_its_place_in_memory()
    {
        for (var hour = 0; hour < 72; hour++)
        {
            for (var i = 0; i < 1_000; i++) _book.Record(Id((hour * 1_000) + i), At(hour * Day / 24));
            _book.MoveOldest(1_000);
            _book.ForgetMoved();
        }

        var now = 71 * Day / 24;
        Assert.InRange(_book.Capture().Spilled!.Sum(static piece => piece.Bits.Length), 1, 150_000);
        Assert.All(Enumerable.Range(48_000, 24_000), number => Assert.True(_book.MayBeInTable(Id(number), now), $"{number} moved."));
        Assert.InRange(Enumerable.Range(100_000, 10_000).Count(number => _book.MayBeInTable(Id(number), now)), 0, 100);
    }

    [Fact]
    public void Moving_more_than_there_are_moves_all()
    {
        _book.Record(Id(1), At(1));
        _book.MoveOldest(5);

        Assert.Equal(0, _book.Count);
        Assert.Empty(_book.Oldest(5));
    }

    [Fact]
    public void A_recalled_receipt_is_known_and_takes_no_place()
    {
        _book.Recall(Id(1), At(1));

        Assert.True(_book.TryGet(Id(1), out var recalled));
        Assert.Equal(At(1), recalled);
        Assert.Equal(0, _book.Count);
        Assert.Empty(_book.Capture().Kept);
    }

    [Fact]
    public void What_is_recorded_counts_more_than_what_was_recalled()
    {
        _book.Recall(Id(1), At(1));
        _book.Record(Id(1), At(2));
        Assert.True(_book.TryGet(Id(1), out var receipt));
        Assert.Equal(At(2), receipt);

        _book.Record(Id(2), At(3 + Day));
        Assert.False(_book.TryGet(Id(1), out _));
    }

    [Fact]
    public void Recalls_are_bounded()
    {
        for (var i = 0; i < 1_000; i++) _book.Recall(Id(i), At(i));
        Assert.True(_book.TryGet(Id(0), out _));

        _book.Recall(Id(1_000), At(1_000));
        Assert.False(_book.TryGet(Id(0), out _));
        Assert.True(_book.TryGet(Id(1_000), out _));
    }

    [Fact]
    public void A_restored_book_forgets_when_the_original_does()
    {
        for (var i = 0; i < 10; i++) _book.Record(Id(i), At(i));
        var restored = ReceiptBook.Restore(_book.Capture());

        for (var i = 5; i < 15; i++)
        {
            _book.Record(Id(100 + i), At(i + Day));
            restored.Record(Id(100 + i), At(i + Day));
            Assert.Equal(StateText.Of(_book), StateText.Of(restored));
        }
    }

    [Fact]
    public void A_copy_is_not_changed_by_what_comes_after_it()
    {
        _book.Record(Id(1), At(1));
        var copy = _book.Capture();
        _book.Record(Id(2), At(2));
        _book.Record(Id(1), At(3));

        Assert.Equal([new KeptReceipt(Id(1), At(1))], copy.Kept);
    }

    /// <summary>Records receipts, one a millisecond, and moves them in portions.</summary>
    private static void Spill(ReceiptBook book, int from, int count)
    {
        const int Portion = 1_000;
        for (var i = from; i < from + count; i++) book.Record(Id(i), At(i));
        for (var left = count; left > 0; left -= Portion) book.MoveOldest(Math.Min(left, Portion));
        book.ForgetMoved();
    }

    private IEnumerable<Guid> Order() => _book.Capture().Kept.Select(static kept => kept.Id);

    private static Guid Id(int number) => new(number, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    private static Receipt At(long at) => new(7, at, 1, 2, 3);
}
