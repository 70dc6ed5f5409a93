using System.Text;
using Holdfast.Journal;
using Microsoft.Extensions.Time.Testing;

namespace Holdfast.Tests.Journal;

/// <summary>What every journal store must do. A store's own test class derives from this one and says how to open it.</summary>
public abstract class JournalStoreContract : IAsyncLifetime
{
    protected static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);

    protected FakeTimeProvider Clock { get; } = new(Start);

    protected IJournalStore Store { get; private set; } = null!;

    public virtual async Task InitializeAsync() => Store = await Open();

    public virtual async Task DisposeAsync() => await Store.DisposeAsync();

    /// <summary>An initialized store on this test's own database; what earlier ones wrote is still there.</summary>
    protected abstract Task<IJournalStore> Open();

    [StoreFact]
    public async Task Appends_follow_each_other_without_a_gap_and_read_back_as_they_were_written()
    {
        Assert.Equal([AppendStatus.Committed], await Commit(New("a/1", 0, "first", events: 2)));
        Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal([AppendStatus.Committed], await Commit(New("a/1", 2, "second \u00fc\u4e16\U0001F600")));

        var rows = await Store.ReadForward("a/1", 0, 10, default);

        Assert.Equal([(1L, 2L), (3L, 3L)], rows.Select(row => (row.FirstVersion, row.LastVersion)));
        Assert.Equal([Start, Start.AddMilliseconds(1)], rows.Select(row => row.RecordedAt));
        Assert.Equal(["""["first"]""", "[\"second \u00fc\u4e16\U0001F600\"]"], rows.Select(row => Text(row.Events)));
    }

    [StoreFact]
    public async Task An_append_that_would_leave_a_gap_is_a_conflict()
    {
        Assert.Equal([AppendStatus.Conflict], await Commit(New("a/1", 3, "from nowhere")));
        Assert.Empty(await Store.ReadForward("a/1", 0, 10, default));
    }

    [StoreFact]
    public async Task An_append_that_expects_the_middle_of_another_is_a_conflict()
    {
        await Commit(New("a/1", 0, "four", events: 4));

        Assert.Equal([AppendStatus.Conflict], await Commit(New("a/1", 2, "inside")));
    }

    [StoreFact]
    public async Task A_stale_append_conflicts_alone_and_its_neighbours_commit()
    {
        await Commit(New("b/stale", 0, "one"));
        await Commit(New("b/stale", 1, "two"));

        var statuses = await Commit(
            New("c/3", 0, "three"), New("b/stale", 1, "late") with { Messages = [Message("b/stale")] }, New("a/1", 0, "one"));

        Assert.Equal([AppendStatus.Committed, AppendStatus.Conflict, AppendStatus.Committed], statuses);
        Assert.Equal(["""["one"]""", """["two"]"""], await Events("b/stale"));
        Assert.Equal(["""["three"]"""], await Events("c/3"));
        Assert.Equal(["""["one"]"""], await Events("a/1"));
        Assert.Empty(await Due());
    }

    [StoreFact]
    public async Task Of_racing_first_writes_exactly_one_is_committed()
    {
        const int Racers = 50;
        var statuses = await Task.WhenAll(Enumerable.Range(0, Racers)
            .Select(racer => Task.Run(async () => (await Commit(New("a/raced", 0, $"racer {racer}")))[0])));

        Assert.Equal(1, statuses.Count(status => status == AppendStatus.Committed));
        Assert.Equal(Racers - 1, statuses.Count(status => status == AppendStatus.Conflict));
        Assert.Single(await Events("a/raced"));
    }

    [StoreFact]
    public async Task The_same_append_twice_is_stored_once()
    {
        var append = New("a/1", 0, "once") with { Messages = [Message("a/1")] };

        Assert.Equal([AppendStatus.Committed], await Commit(append));
        Assert.Equal([AppendStatus.Conflict], await Commit(append));

        Assert.Single(await Events("a/1"));
        Assert.Single(await Due());
    }

    [StoreFact]
    public async Task Data_that_the_store_will_not_take_is_refused_alone_and_leaves_nothing()
    {
        var message = Message("a/1");
        await Commit(New("a/1", 0, "one") with { Messages = [message] });
        var receipt = Receipt();

        var result = await Store.Commit(
            [
                New("a/2", 0, "before"),
                New("b/bad", 0, "the second message has a key that is taken") with
                {
                    Messages = [Message("b/bad"), message], Receipts = [receipt],
                },
                New("b/worse", 0, "covers no version", events: 0),
                New("c/3", 0, "after"),
            ],
            []);

        Assert.Equal([AppendStatus.Committed, AppendStatus.Refused, AppendStatus.Refused, AppendStatus.Committed], result.Appends);
        Assert.NotNull(result.Error);
        Assert.Empty(await Events("b/bad"));
        Assert.Empty(await Events("b/worse"));
        Assert.Equal([message.Id], (await Due()).Select(due => due.Id));
        Assert.Null(await Store.FindReceipt("b/bad", receipt.Operation, default));
        Assert.Equal([AppendStatus.Committed], await Commit(New("b/bad", 0, "without it")));
    }

    [StoreFact]
    public async Task A_message_comes_back_as_it_was_sent()
    {
        var sent = Message("a/1") with { Attempts = 3, Type = "holdfast.test\u00fc", Body = Utf8("""{"text":"\u4e16"}""") };
        await Commit(New("a/1", 0, "one") with { Messages = [sent] });

        var read = Assert.Single(await Due());

        Assert.Equal(sent with { Body = default }, read with { Body = default });
        Assert.Equal(Text(sent.Body), Text(read.Body));
    }

    [StoreFact]
    public async Task An_empty_body_comes_back_empty()
    {
        await Commit(New("a/1", 0, "one") with { Messages = [Message("a/1") with { Body = default }] });

        Assert.Equal(0, Assert.Single(await Due()).Body.Length);
    }

    [StoreFact]
    public async Task A_finished_message_is_gone_and_finishing_it_again_does_no_harm()
    {
        var message = Message("a/1");
        await Commit(New("a/1", 0, "one") with { Messages = [message, Message("a/1")] });

        await Change(OutboxChange.Finish(message));
        await Change(OutboxChange.Finish(message));

        Assert.NotEqual(message.Id, Assert.Single(await Due()).Id);
    }

    [StoreFact]
    public async Task A_postponed_message_is_due_later_with_its_attempts()
    {
        var message = Message("a/1");
        await Commit(New("a/1", 0, "one") with { Messages = [message] });
        var later = Start.AddSeconds(30);

        await Change(OutboxChange.Postpone(message, later, attempts: 1));

        Assert.Empty(await Due());
        Assert.Equal(later, await Store.NextDue(0, Start, default));
        Clock.Advance(TimeSpan.FromSeconds(30));
        var again = Assert.Single(await Due());
        Assert.Equal((message.Id, later, 1), (again.Id, again.DueAt, again.Attempts));
        await Change(OutboxChange.Finish(again));
        Assert.Empty(await Due());
    }

    [StoreFact]
    public async Task A_parked_message_moves_to_the_dead_letters_newest_first()
    {
        OutboxMessage[] messages = [Message("a/1") with { Attempts = 7 }, Message("a/1"), Message("a/1")];
        await Commit(New("a/1", 0, "one") with { Messages = messages });

        foreach (var message in messages)
        {
            await Change(OutboxChange.Park(message, $"failed: {message.Id}"));
            Clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Empty(await Due());
        var letters = await Store.ReadDeadLetters(10, default);
        Assert.Equal(messages.Reverse().Select(message => message.Id), letters.Select(letter => letter.Message.Id));
        Assert.Equal(messages[0] with { Body = default }, letters[2].Message with { Body = default });
        Assert.Equal((Start, $"failed: {messages[0].Id}"), (letters[2].ParkedAt, letters[2].Error));
        Assert.Equal(2, (await Store.ReadDeadLetters(2, default)).Count);
    }

    [StoreFact]
    public async Task Parking_a_message_that_is_gone_leaves_no_dead_letter()
    {
        var message = Message("a/1");
        await Commit(New("a/1", 0, "one") with { Messages = [message] });

        await Change(OutboxChange.Finish(message));
        await Change(OutboxChange.Park(message, "too late"));

        Assert.Empty(await Store.ReadDeadLetters(10, default));
    }

    [StoreFact]
    public async Task Outbox_changes_and_appends_share_a_transaction()
    {
        var message = Message("a/1");
        await Commit(New("a/1", 0, "one") with { Messages = [message] });

        var result = await Store.Commit(
            [New("a/1", 1, "two") with { Messages = [Message("a/1")] }, New("b/bad", 0, "covers no version", events: 0)],
            [OutboxChange.Finish(message)]);

        Assert.Equal([AppendStatus.Committed, AppendStatus.Refused], result.Appends);
        Assert.NotEqual(message.Id, Assert.Single(await Due()).Id);
    }

    [StoreFact]
    public async Task Pages_of_due_messages_miss_none_and_repeat_none_when_due_times_are_equal()
    {
        var messages = Enumerable.Range(0, 25).Select(i => Message("a/1") with { DueAt = Start.AddMilliseconds(-(i / 10)) }).ToArray();
        var others = new[] { Message("a/1") with { Lane = 1 }, Message("a/1") with { DueAt = Start.AddMilliseconds(1) } };
        await Commit(New("a/1", 0, "one") with { Messages = [.. messages, .. others] });

        var read = new List<OutboxMessage>();
        OutboxPosition position = default;
        while (await Store.ReadDue(0, Start, position, 4, default) is { Count: > 0 } page)
        {
            Assert.InRange(page.Count, 1, 4);
            read.AddRange(page);
            position = new OutboxPosition(page[^1].DueAt, page[^1].Id);
        }

        Assert.Equal(messages.OrderBy(m => m.DueAt).ThenBy(m => m.Id.ToString(), StringComparer.Ordinal).Select(m => m.Id), read.Select(m => m.Id));
    }

    [StoreFact]
    public async Task Next_due_is_the_lanes_earliest_message_that_is_not_yet_due()
    {
        await Commit(New("a/1", 0, "one") with
        {
            Messages =
            [
                Message("a/1"),
                Message("a/1") with { DueAt = Start.AddMinutes(2) },
                Message("a/1") with { DueAt = Start.AddMinutes(1) },
                Message("a/1") with { DueAt = Start.AddSeconds(1), Lane = 1 },
            ],
        });

        Assert.Equal(Start.AddMinutes(1), await Store.NextDue(0, Start, default));
        Assert.Null(await Store.NextDue(0, Start.AddMinutes(2), default));
        Assert.Null(await Store.NextDue(2, Start, default));
    }

    [StoreFact]
    public async Task A_page_read_backward_ends_after_the_row_that_fills_it()
    {
        const int Half = IJournalStore.MaxPageBytes / 2;
        foreach (var (version, bytes) in ((int, int)[])[(0, 1), (1, 1), (2, Half), (3, Half), (4, 3 * Half), (5, 1)])
        {
            await Commit(New("a/1", version, new string('x', bytes)));
        }

        Assert.Equal([6L, 5], First(await Store.ReadBackward("a/1", long.MaxValue, 9, default)));
        Assert.Equal([5L], First(await Store.ReadBackward("a/1", 6, 9, default)));
        Assert.Equal([4L, 3], First(await Store.ReadBackward("a/1", 5, 9, default)));
        Assert.Equal([2L, 1], First(await Store.ReadBackward("a/1", 3, 9, default)));
    }

    [StoreFact]
    public async Task Many_streams_read_at_once_each_get_their_own_rows()
    {
        const int Streams = 200;
        await Task.WhenAll(Enumerable.Range(0, Streams).Select(i => Commit(New($"m/{i}", 0, $"{i}", events: i + 1))));

        var pages = await Task.WhenAll(Enumerable.Range(0, 2 * Streams).Select(i => Store.ReadBackward($"m/{i}", long.MaxValue, 9, default)));
        var versions = await Task.WhenAll(Enumerable.Range(0, 2 * Streams).Select(i => Store.ReadVersion($"m/{i}", default)));

        for (var i = 0; i < 2 * Streams; i++)
        {
            Assert.Equal(i < Streams ? [i + 1] : [], pages[i].Select(static row => row.LastVersion));
            Assert.Equal(i < Streams ? i + 1 : 0, versions[i]);
        }
    }

    [StoreFact]
    public async Task Rows_are_read_in_pages_from_either_end()
    {
        for (var version = 0; version < 20; version += 2) await Commit(New("a/1", version, $"{version}", events: 2));
        await Commit(New("a/10", 0, "another stream"));
        await Commit(New("a/0", 0, "another stream"));

        Assert.Equal([19L, 17, 15], First(await Store.ReadBackward("a/1", long.MaxValue, 3, default)));
        Assert.Equal([13L, 11, 9], First(await Store.ReadBackward("a/1", 15, 3, default)));
        Assert.Equal([1L], First(await Store.ReadBackward("a/1", 3, 3, default)));
        Assert.Empty(await Store.ReadBackward("a/1", 1, 3, default));
        Assert.Equal([1L, 3, 5], First(await Store.ReadForward("a/1", 0, 3, default)));
        Assert.Equal([7L, 9, 11], First(await Store.ReadForward("a/1", 6, 3, default)));
        Assert.Equal([7L, 9, 11], First(await Store.ReadForward("a/1", 7, 3, default)));
        Assert.Empty(await Store.ReadForward("a/1", 20, 3, default));
    }

    [StoreFact]
    public async Task Search_finds_the_rows_of_one_stream_that_contain_a_text_literally()
    {
        await Commit(New("a/1", 0, "ord_1 100%"));
        await Commit(New("a/1", 1, "ord_2"));
        await Commit(New("a/1", 2, "ord_1 again"));
        await Commit(New("a/2", 0, "ord_1 elsewhere"));

        Assert.Equal([1L, 3], First((await Store.Search("a/1", "ord_1", 0, 10, default)).Found));
        Assert.Equal([1L], First((await Store.Search("a/1", "00%", 0, 10, default)).Found));
        Assert.Empty((await Store.Search("a/1", "ord_%", 0, 10, default)).Found);
        Assert.Empty((await Store.Search("a/1", "ORD_1", 0, 10, default)).Found);
    }

    [StoreFact]
    public async Task A_search_looks_at_no_more_rows_than_asked_for_and_says_how_far_it_came()
    {
        for (var version = 0; version < 20; version += 2)
        {
            await Commit(New("a/1", version, version == 8 ? "here" : "not", events: 2));
            Clock.Advance(TimeSpan.FromSeconds(1));
        }

        var first = await Store.Search("a/1", "here", 0, 4, default);
        Assert.Empty(first.Found);
        Assert.Equal((8L, Start.AddSeconds(3)), (first.Through, first.RecordedAt));
        var second = await Store.Search("a/1", "here", first.Through, 4, default);
        Assert.Equal([9L], First(second.Found));
        Assert.Equal("""["here"]""", Text(second.Found[0].Events));
        Assert.Equal((16L, Start.AddSeconds(7)), (second.Through, second.RecordedAt));
        Assert.Equal(20, (await Store.Search("a/1", "here", 16, 4, default)).Through);
        Assert.Equal((0, 20L), ((await Store.Search("a/1", "here", 20, 4, default)).Found.Count, (await Store.Search("a/1", "here", 20, 4, default)).Through));
    }

    [StoreFact]
    public async Task A_secret_is_there_from_the_append_that_brings_it_to_the_one_that_removes_it()
    {
        await Commit(New("a/1", 0, "one") with { Beside = Secret("one", "s\u00fcss") }, New("a/2", 0, "one") with { Beside = Secret("one", "other") });
        Assert.Equal("s\u00fcss", await SecretOf("a/1", "one"));
        Assert.Equal("other", await SecretOf("a/2", "one"));
        Assert.Null(await SecretOf("a/1", "two"));

        await Commit(New("a/1", 1, "two") with { Beside = Secret("one", "new"), Receipts = [Receipt()] }, New("a/2", 1, "two") with { Beside = Secret("one", null) });
        Assert.Equal("new", await SecretOf("a/1", "one"));
        Assert.Null(await SecretOf("a/2", "one"));
        await Commit(New("a/1", 2, "three") with { Beside = new([new("one", null), new("two", Utf8("second"))]) });
        Assert.Null(await SecretOf("a/1", "one"));
        Assert.Equal("second", await SecretOf("a/1", "two"));
        await Commit(New("a/1", 3, "four") with { Beside = Secret("two", "third") });
        Assert.Equal("third", await SecretOf("a/1", "two"));
        Assert.Equal([AppendStatus.Committed], await Commit(New("a/1", 4, "five") with { Beside = Secret("one", null) }));
    }

    [StoreFact]
    public async Task Who_needs_attention_is_listed_by_name_until_it_needs_none_any_more()
    {
        Append Needs(string stream, long version, string? reason, string detail) =>
            New(stream, version, "x") with { Beside = new([], new AttentionChange(reason, detail)) };
        Assert.Empty(await Store.ReadAttention("", 10, default));
        await Commit(Needs("a/2", 0, "stuck", "two"), Needs("a/1", 0, "stuck", "one"), New("a/4", 0, "healthy"), Needs("a/3", 0, "lost", "thr\u00e9e"));

        Assert.Equal([new("a/1", Start, "stuck", "one"), new("a/2", Start, "stuck", "two")], await Store.ReadAttention("", 2, default));
        Assert.Equal([new("a/3", Start, "lost", "thr\u00e9e")], await Store.ReadAttention("a/2", 2, default));

        Clock.Advance(TimeSpan.FromSeconds(1));
        await Commit(Needs("a/1", 1, "worse", "again") with { Beside = new([new("s", Utf8("v"))], new AttentionChange("worse", "again")) }, Needs("a/2", 1, null, ""));
        Assert.Equal([new("a/1", Start.AddSeconds(1), "worse", "again"), new("a/3", Start, "lost", "thr\u00e9e")], await Store.ReadAttention("", 10, default));
        Assert.Equal("v", await SecretOf("a/1", "s"));
    }

    [StoreFact]
    public async Task What_a_conflicting_append_changes_beside_its_stream_is_not_stored()
    {
        await Commit(New("a/1", 0, "one") with { Beside = new([new("one", Utf8("kept"))], new AttentionChange("stuck", "kept")) });

        Assert.Equal(
            [AppendStatus.Conflict, AppendStatus.Conflict],
            await Commit(
                New("a/1", 5, "stale") with { Beside = new([new("one", null)], new AttentionChange(null, "")) },
                New("a/2", 5, "stale") with { Beside = new([new("one", Utf8("new"))], new AttentionChange("stuck", "new")) }));

        Assert.Equal(("kept", null), (await SecretOf("a/1", "one"), await SecretOf("a/2", "one")));
        Assert.Equal(["a/1"], (await Store.ReadAttention("", 10, default)).Select(static needy => needy.Stream));
    }

    [StoreFact]
    public async Task A_receipt_is_found_by_its_stream_and_operation_and_may_be_moved_out_twice()
    {
        var receipt = Receipt();
        await Commit(New("a/1", 0, "one") with { Receipts = [receipt] });
        await Commit(New("a/1", 1, "two") with { Receipts = [receipt with { Body = Utf8("""{"again":1}""") }] });

        var found = await Store.FindReceipt("a/1", receipt.Operation, default);

        Assert.Equal((receipt.Operation, receipt.RecordedAt, """{"again":1}"""), (found!.Operation, found.RecordedAt, Text(found.Body)));
        Assert.Null(await Store.FindReceipt("a/2", receipt.Operation, default));
        Assert.Null(await Store.FindReceipt("a/1", Guid.NewGuid(), default));
    }

    [StoreFact]
    public async Task Receipts_that_are_asked_for_at_the_same_time_are_each_their_own_answer()
    {
        var receipts = Enumerable.Range(0, 200).Select(i => Receipt() with { Body = Utf8($$"""{"number":{{i}}}""") }).ToArray();
        await Commit(New("a/1", 0, "one") with { Receipts = receipts[..100] });
        await Commit(New("a/2", 0, "one") with { Receipts = receipts[100..] });

        var answers = await Task.WhenAll(receipts.Select((receipt, i) => Store.FindReceipt(i % 2 == 0 ? "a/1" : "a/2", receipt.Operation, default)));

        for (var i = 0; i < answers.Length; i++)
        {
            if (i % 2 != i / 100) Assert.Null(answers[i]);
            else Assert.Equal((receipts[i].Operation, Text(receipts[i].Body)), (answers[i]!.Operation, Text(answers[i]!.Body)));
        }
    }

    [StoreFact]
    public async Task Receipts_of_a_conflicting_append_are_not_stored()
    {
        var receipt = Receipt();
        await Commit(New("a/1", 5, "stale") with { Receipts = [receipt] });

        Assert.Null(await Store.FindReceipt("a/1", receipt.Operation, default));
    }

    [StoreFact]
    public async Task Old_receipts_are_forgotten_a_bounded_number_at_a_time()
    {
        var receipts = Enumerable.Range(0, 10).Select(i => Receipt() with { RecordedAt = Start.AddHours(i) }).ToArray();
        await Commit(New("a/1", 0, "one") with { Receipts = receipts });

        Assert.Equal(4, await Store.ForgetReceipts(Start.AddHours(6), 4, default));
        Assert.Equal(2, await Store.ForgetReceipts(Start.AddHours(6), 4, default));
        Assert.Equal(0, await Store.ForgetReceipts(Start.AddHours(6), 4, default));

        Assert.Null(await Store.FindReceipt("a/1", receipts[5].Operation, default));
        Assert.NotNull(await Store.FindReceipt("a/1", receipts[6].Operation, default));
    }

    [StoreFact]
    public async Task An_erasure_blanks_its_stream_and_keeps_the_versions()
    {
        var receipt = Receipt();
        var parked = Message("a/1");
        await Commit(New("a/1", 0, "secret", events: 3) with { Messages = [parked, Message("a/1")], Receipts = [receipt] });
        await Commit(New("a/2", 0, "neighbour") with { Messages = [Message("a/2")], Receipts = [receipt], Beside = Noted });
        await Commit(New("a/1", 3, "more") with { Beside = Noted });
        await Change(OutboxChange.Park(parked, "failed"));
        var own = Receipt();

        Assert.Equal(
            [AppendStatus.Committed],
            await Commit(New("a/1", 4, "erased") with { Erases = true, Messages = [Message("a/1")], Receipts = [own] }));

        var rows = await Store.ReadForward("a/1", 0, 10, default);
        Assert.Equal([(1L, 3L, "[]"), (4L, 4L, "[]"), (5L, 5L, """["erased"]""")], rows.Select(row => (row.FirstVersion, row.LastVersion, Text(row.Events))));
        Assert.Equal(["a/1", "a/2"], (await Due()).Select(message => message.Stream).Order());
        Assert.Empty(await Store.ReadDeadLetters(10, default));
        Assert.Null(await Store.FindReceipt("a/1", receipt.Operation, default));
        Assert.NotNull(await Store.FindReceipt("a/1", own.Operation, default));
        Assert.NotNull(await Store.FindReceipt("a/2", receipt.Operation, default));
        Assert.Equal((null, "s"), (await SecretOf("a/1", "one"), await SecretOf("a/2", "one")));
        Assert.Equal(["a/2"], (await Store.ReadAttention("", 10, default)).Select(static needy => needy.Stream));
        Assert.Equal([AppendStatus.Conflict], await Commit(New("a/1", 0, "back from the dead")));
    }

    [StoreFact]
    public async Task A_stale_erasure_erases_nothing()
    {
        await Commit(New("a/1", 0, "one") with { Messages = [Message("a/1")] });

        Assert.Equal([AppendStatus.Conflict], await Commit(New("a/1", 5, "erased") with { Erases = true }));

        Assert.Equal(["""["one"]"""], await Events("a/1"));
        Assert.Single(await Due());
    }

    [StoreFact]
    public async Task Streams_are_found_whose_newest_row_is_of_the_window_and_does_not_end_them()
    {
        await Commit(New("a/early", 0, "go on"));
        await Commit(New("a/moved", 0, "go on"));
        Clock.Advance(TimeSpan.FromMinutes(1));
        await Commit(New("a/2", 0, "go on"), New("a/1", 0, "go on"), New("a/ended", 0, "go on"), New("a/dropped", 0, "go on"), New("b/1", 0, "go on"));
        await Commit(New("a/ended", 1, "ended"));
        await Commit(New("a/dropped", 1, "dropped"));
        Clock.Advance(TimeSpan.FromMinutes(1));
        await Commit(New("a/late", 0, "go on"), New("a/moved", 1, "go on"));

        var window = new QuietWindow("a/", Start.AddMinutes(1), Start.AddMinutes(2), ["\"ended\"]", "\"dropped\"]"]);
        Assert.Equal(["a/1", "a/2"], await Store.FindUnended(window, "", 10, default));
        Assert.Equal(["a/1"], await Store.FindUnended(window, "", 1, default));
        Assert.Equal(["a/2"], await Store.FindUnended(window, "a/1", 1, default));
        Assert.Equal(["a/1", "a/2", "a/dropped"], await Store.FindUnended(window with { Endings = ["\"ended\"]"] }, "", 10, default));
        Assert.Equal(["a/early"], await Store.FindUnended(window with { From = Start, Until = Start.AddMinutes(1) }, "", 10, default));
        Assert.Equal(["a/late", "a/moved"], await Store.FindUnended(window with { From = Start.AddMinutes(2), Until = Start.AddDays(1) }, "", 10, default));
        Assert.Empty(await Store.FindUnended(window with { From = Start.AddDays(-1), Until = Start }, "", 10, default));
    }

    [StoreFact]
    public async Task Up_to_when_the_journal_was_swept_outlives_the_store()
    {
        var now = TimeProvider.System.GetUtcNow();
        Assert.InRange(await Store.ReadSweptUntil(default), now.AddMinutes(-10), now.AddMinutes(1));
        await Store.WriteSweptUntil(Start.AddDays(1), default);
        await Store.WriteSweptUntil(Start, default);
        await Store.DisposeAsync();
        Store = await Open();
        Assert.Equal(Start, await Store.ReadSweptUntil(default));
    }

    [StoreFact]
    public async Task Of_many_who_store_a_secret_at_once_all_are_told_the_first_and_one_may_replace_it()
    {
        var told = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Store.WriteSecret("a/1", "mac", Utf8($"{i}"), false, default)));
        var first = Assert.Single(told.Select(Text).Distinct());

        Assert.Equal("new", Text(await Store.WriteSecret("a/1", "mac", Utf8("new"), true, default)));
        Assert.NotEqual("new", first);
        await Store.DisposeAsync();
        Store = await Open();
        Assert.Equal("new", Text(await Store.WriteSecret("a/1", "mac", Utf8("late"), false, default)));
        Assert.Equal(("new", null), (await SecretOf("a/1", "mac"), await SecretOf("a/1", "other")));
    }

    [StoreFact]
    public async Task Streams_that_have_a_message_are_told_from_those_that_have_none()
    {
        var (due, later) = (Message("a/due"), Message("a/later") with { DueAt = Start.AddDays(1), Type = "look" });
        await Commit(New("a/due", 0, "one") with { Messages = [due, Message("a/due")] }, New("a/later", 0, "one") with { Messages = [later] }, New("a/none", 0, "one"));

        Assert.Equal(["a/due", "a/later"], (await Store.WithMessages(["a/none", "a/later", "a/due", "a/unknown"], "", default)).Order(StringComparer.Ordinal));
        Assert.Equal(["a/due"], await Store.WithMessages(["a/due"], "", default));
        Assert.Empty(await Store.WithMessages(["a/none"], "", default));

        Assert.Equal(["a/due"], await Store.WithMessages(["a/due", "a/later"], later.Type, default));
        Assert.Empty(await Store.WithMessages(["a/later"], later.Type, default));
    }

    [StoreFact]
    public async Task What_was_committed_is_there_after_the_store_is_opened_again()
    {
        var receipt = Receipt();
        await Commit(New("a/1", 0, "one") with { Messages = [Message("a/1")], Receipts = [receipt] });

        await Store.DisposeAsync();
        Store = await Open();

        Assert.Equal(["""["one"]"""], await Events("a/1"));
        Assert.Single(await Due());
        Assert.NotNull(await Store.FindReceipt("a/1", receipt.Operation, default));
        Assert.Equal([AppendStatus.Conflict], await Commit(New("a/1", 0, "one")));
        Assert.Equal([AppendStatus.Committed], await Commit(New("a/1", 1, "two")));
    }

    [StoreFact]
    public async Task A_commit_never_throws_even_when_the_store_is_closed()
    {
        await Store.DisposeAsync();

        var result = await Store.Commit([New("a/1", 0, "one")], []);

        Assert.Equal([AppendStatus.Refused], result.Appends);
        Assert.NotNull(result.Error);
    }

    [StoreFact]
    public async Task Readers_and_a_writer_do_not_disturb_each_other()
    {
        const int Appends = 200;
        using var stop = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            var last = 0L;
            while (!stop.IsCancellationRequested)
            {
                var rows = await Store.ReadBackward("a/1", long.MaxValue, 1, default);
                var seen = rows.Count == 0 ? 0 : rows[0].LastVersion;
                Assert.True(seen >= last, $"version {last} was seen, then {seen}");
                last = seen;
            }

            return last;
        })).ToArray();

        for (var version = 0; version < Appends; version++) Assert.Equal([AppendStatus.Committed], await Commit(New("a/1", version, "x")));
        await stop.CancelAsync();
        await Task.WhenAll(readers);

        Assert.Equal(Appends, (await Store.ReadBackward("a/1", long.MaxValue, 1, default))[0].LastVersion);
    }

    protected static ReadOnlyMemory<byte> Utf8(string text) => Encoding.UTF8.GetBytes(text);

    protected static string Text(ReadOnlyMemory<byte> utf8) => Encoding.UTF8.GetString(utf8.Span);

    protected Append New(string stream, long expectedVersion, string content, int events = 1) => new(
        stream, expectedVersion, Guid.NewGuid(), Clock.GetUtcNow(), events, Utf8($"[\"{content}\"]"), [], []);

    protected OutboxMessage Message(string stream) =>
        new(Guid.CreateVersion7(Clock.GetUtcNow()), Lane: 0, Clock.GetUtcNow(), Attempts: 0, stream, "holdfast.test", Utf8("""{"for":"test"}"""));

    protected StoredReceipt Receipt() => new(Guid.NewGuid(), Clock.GetUtcNow(), Utf8("""{"outcome":"reserved"}"""));

    private static Beside Noted => new([new("one", Utf8("s"))], new AttentionChange("stuck", "for a test"));

    private static Beside Secret(string name, string? value) => new([new(name, value is null ? (ReadOnlyMemory<byte>?)null : Utf8(value))]);

    private async Task<string?> SecretOf(string stream, string name) =>
        await Store.ReadSecret(stream, name, default) is { } value ? Text(value) : null;

    protected async Task<AppendStatus[]> Commit(params Append[] appends) => (await Store.Commit(appends, [])).Appends;

    protected async Task Change(params OutboxChange[] changes) => Assert.Null((await Store.Commit([], changes)).Error);

    protected async Task<IReadOnlyList<OutboxMessage>> Due() => await Store.ReadDue(0, Clock.GetUtcNow(), default, 1_000, default);

    protected async Task<string[]> Events(string stream) =>
        [.. (await Store.ReadForward(stream, 0, 1_000, default)).Select(row => Text(row.Events))];

    private static IEnumerable<long> First(IReadOnlyList<JournalRow> rows) => rows.Select(row => row.FirstVersion);
}
