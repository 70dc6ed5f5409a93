namespace Holdfast.Tests.Rig.Checker;

/// <summary>An object used by one client at a time; written apart from the checker's own models, so that each can find the other wrong.</summary>
internal interface ISequential
{
    internal sealed record Asked(string Name, object Input, string? Id = null, long Number = 0, string? Text = null);

    /// <summary>What a client may ask next.</summary>
    Asked Ask(Random random, int client);

    /// <summary>Takes effect; the answer is the output's members.</summary>
    object Do(Asked asked);

    /// <summary>The client has heard the answer.</summary>
    void Hear(Asked asked, object output);
}

internal sealed class SequentialCounter(bool falls = true, int step = 3) : ISequential
{
    private long _value;

    public ISequential.Asked Ask(Random random, int client)
    {
        if (random.Next(10) == 0)
            return new("read", new { });
        var delta = random.Next(1, step + 1) * (falls && random.Next(5) == 0 ? -1 : 1);
        return new("increment", new { delta }, Number: delta);
    }

    public object Do(ISequential.Asked asked)
    {
        _value += asked.Number;
        return new { value = _value };
    }

    public void Hear(ISequential.Asked asked, object output)
    {
    }
}

/// <param name="stranger">The share of commits and releases, in percent, of holds that the client need not own.</param>
/// <param name="start">Units on hand at first.</param>
/// <param name="tells">Whether reserve, commit and release answer with the available units.</param>
internal sealed class SequentialStock(int stranger = 10, bool tells = false, long start = 0) : ISequential
{
    private readonly Dictionary<string, (string Status, long Quantity)> _holds = [];
    private readonly List<string> _asked = [];
    private readonly Dictionary<int, List<string>> _held = [];
    private readonly Dictionary<string, int> _owners = [];
    private long _onHand = start;
    private long _reserved;

    public ISequential.Asked Ask(Random random, int client)
    {
        var what = random.Next(100);
        if (what < 10)
            return new("read", new { });
        if (what < 20)
        {
            var delta = random.Next(-2, 12);
            return new("adjust", new { delta }, Number: delta);
        }

        var held = _held.TryGetValue(client, out var own) ? own : _held[client] = [];
        if (what < 60 && held.Count > 0)
        {
            var id = held[^1];
            held.RemoveAt(held.Count - 1);
            return Close(random, id);
        }

        if (_asked.Count > 0 && random.Next(100) < stranger)
            return Close(random, _asked[random.Next(Math.Max(0, _asked.Count - 6), _asked.Count)]);

        var quantity = random.Next(1, 4);
        var hold = $"h{_asked.Count}";
        _asked.Add(hold);
        _owners[hold] = client;
        return new("reserve", new { id = hold, quantity }, hold, quantity);
    }

    public object Do(ISequential.Asked asked) => asked.Name switch
    {
        "reserve" => Answer(Reserve(asked.Id!, asked.Number)),
        "commit" => Answer(Commit(asked.Id!)),
        "release" => Answer(Release(asked.Id!, asked.Number == 1)),
        "adjust" => Adjust(asked.Number),
        _ => new { onHand = _onHand, reserved = _reserved, available = _onHand - _reserved },
    };

    public void Hear(ISequential.Asked asked, object output)
    {
        if (asked.Name == "reserve" && _holds.TryGetValue(asked.Id!, out var hold) && hold.Status == "open")
            _held[_owners[asked.Id!]].Add(asked.Id!);
    }

    private static ISequential.Asked Close(Random random, string id)
    {
        if (random.Next(3) > 0)
            return new("commit", new { id }, id);
        var tombstone = random.Next(2) == 0;
        return new("release", new { id, tombstone }, id, tombstone ? 1 : 0);
    }

    private object Answer(string status) =>
        tells || status == "insufficient" ? new { status, available = _onHand - _reserved } : new { status };

    private string Reserve(string id, long quantity)
    {
        if (_holds.TryGetValue(id, out var hold))
            return hold.Status == "barred" ? "released" : "reserved";
        if (_onHand - _reserved < quantity)
            return "insufficient";
        _holds[id] = ("open", quantity);
        _reserved += quantity;
        return "reserved";
    }

    private string Commit(string id)
    {
        if (!_holds.TryGetValue(id, out var hold))
            return "not_found";
        if (hold.Status is "released" or "barred")
            return "already_released";
        if (hold.Status == "open")
        {
            _holds[id] = ("committed", hold.Quantity);
            _onHand -= hold.Quantity;
            _reserved -= hold.Quantity;
        }

        return "done";
    }

    private string Release(string id, bool tombstone)
    {
        if (!_holds.TryGetValue(id, out var hold))
        {
            if (tombstone)
                _holds[id] = ("barred", 0);
            return "not_found";
        }

        if (hold.Status == "committed")
            return "already_committed";
        if (hold.Status == "open")
        {
            _holds[id] = ("released", hold.Quantity);
            _reserved -= hold.Quantity;
        }

        return "done";
    }

    private object Adjust(long delta)
    {
        if (_onHand + delta < _reserved)
            return new { status = "refused", onHand = _onHand, reserved = _reserved };
        _onHand += delta;
        return new { status = "adjusted", onHand = _onHand };
    }
}

internal sealed class SequentialRegister : ISequential
{
    private string? _value;
    private long _version;
    private long _written;
    private long _heard;

    public ISequential.Asked Ask(Random random, int client)
    {
        var what = random.Next(3);
        if (what == 0)
            return new("read", new { });
        var value = $"v{_written++}";
        if (what == 1)
            return new("write", new { value }, Text: value);
        var ifVersion = _heard;
        return new("cas", new { value, ifVersion }, Number: ifVersion, Text: value);
    }

    public object Do(ISequential.Asked asked)
    {
        if (asked.Name == "read")
            return new { value = _value, version = _version };
        if (asked.Name == "cas" && asked.Number != _version)
            return new { status = "mismatch" };
        _value = asked.Text;
        _version++;
        return asked.Name == "cas" ? new { status = "written", version = _version } : new { status = "written" };
    }

    public void Hear(ISequential.Asked asked, object output) => _heard = _version;
}

internal sealed class SequentialProfile : ISequential
{
    private static readonly string[] Fields = ["name", "city", "mail"];

    private SortedDictionary<string, int>? _fields;
    private long _version;
    private int _written;

    public ISequential.Asked Ask(Random random, int client)
    {
        var what = random.Next(10);
        var field = Fields[random.Next(Fields.Length)];
        return what switch
        {
            < 4 => new("read", new { }),
            < 8 => Patch(field, random.Next(5) == 0 ? null : _written++),
            8 => Put(field, _written++),
            _ => new("erase", new { }),
        };
    }

    public object Do(ISequential.Asked asked)
    {
        switch (asked.Name)
        {
            case "read":
                return new { value = _fields is null ? null : new SortedDictionary<string, int>(_fields) };
            case "erase" when _fields is null:
                return new { status = "not_found" };
            case "erase":
                _fields = null;
                return new { status = "erased", version = ++_version };
            case "put":
                _fields = new() { [asked.Text!] = (int)asked.Number };
                return new { status = "changed", version = ++_version };
            default:
                _fields ??= [];
                if (asked.Number < 0)
                    _fields.Remove(asked.Text!);
                else
                    _fields[asked.Text!] = (int)asked.Number;
                return new { status = "changed", version = ++_version };
        }
    }

    public void Hear(ISequential.Asked asked, object output)
    {
    }

    private static ISequential.Asked Patch(string field, int? value) =>
        new("patch", new { patch = new Dictionary<string, int?> { [field] = value } }, Number: value ?? -1, Text: field);

    private static ISequential.Asked Put(string field, int value) =>
        new("put", new { value = new Dictionary<string, int> { [field] = value } }, Number: value, Text: field);
}
