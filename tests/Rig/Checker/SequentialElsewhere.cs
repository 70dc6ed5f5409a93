namespace Holdfast.Tests.Rig.Checker;

/// <summary>The register that others record: compare-and-set by value, few values, no versions.</summary>
internal sealed class SequentialCasRegister : ISequential
{
    private const int Values = 3;

    private int? _value;

    public ISequential.Asked Ask(Random random, int client)
    {
        var what = random.Next(3);
        var value = random.Next(Values);
        if (what == 0)
            return new("read", new { });
        if (what == 1)
            return new("write", new { value }, Number: value);
        int? ifValue = random.Next(Values + 1) is var expected and < Values ? expected : null;
        return new("cas", new { value, ifValue }, Number: value, Text: $"{ifValue}");
    }

    public object Do(ISequential.Asked asked)
    {
        if (asked.Name == "read")
            return new { value = _value };
        if (asked.Name == "cas" && asked.Text != $"{_value}")
            return new { status = "mismatch" };
        _value = (int)asked.Number;
        return new { status = "written" };
    }

    public void Hear(ISequential.Asked asked, object output)
    {
    }
}

/// <summary>A text that is mostly appended to, sometimes put anew.</summary>
internal sealed class SequentialText : ISequential
{
    private string _text = "";
    private int _written;

    public ISequential.Asked Ask(Random random, int client)
    {
        var what = random.Next(100);
        if (what < 60)
            return new("get", new { });
        var value = $"{_written++ % 10}";
        return new(what < 90 ? "append" : "put", new { value }, Text: value);
    }

    public object Do(ISequential.Asked asked)
    {
        if (asked.Name == "get")
            return new { value = _text };
        _text = asked.Name == "append" ? _text + asked.Text : asked.Text!;
        return new { };
    }

    public void Hear(ISequential.Asked asked, object output)
    {
    }
}
