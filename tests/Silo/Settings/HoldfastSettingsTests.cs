using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using Holdfast.Silo;
using Holdfast.Silo.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Holdfast.Tests.Silo.Settings;

/// <summary>Settings are read once, and a start with a wrong one is refused by a sentence that names it.</summary>
public sealed class HoldfastSettingsTests
{
    public static TheoryData<string, string> OutOfRange()
    {
        var cases = new TheoryData<string, string>();
        foreach (var (name, range) in Ranges())
        {
            foreach (var value in Outside(range)) cases.Add(name, value);
        }

        return cases;
    }

    [Fact]
    public void Without_any_setting_everything_has_its_default()
    {
        var settings = Read();

        Assert.Equal("data", settings.Options.DataDirectory);
        Assert.Null(settings.ConnectionString);
    }

    [Fact]
    public void Every_number_and_every_time_has_a_range_that_its_default_is_in()
    {
        var unbounded =
            from section in SettingsSections.All
            from setting in section.Settings
            where setting.PropertyType != typeof(string) && setting.PropertyType != typeof(bool)
            where setting.GetCustomAttribute<RangeAttribute>() is null
            select section.NameOf(setting);

        Assert.Empty(unbounded);
        Assert.All(SettingsSections.All, static section => section.Read(new ConfigurationBuilder().Build()));
    }

    [Theory]
    [MemberData(nameof(OutOfRange))]
    public void A_value_out_of_range_is_refused(string name, string value)
    {
        Assert.StartsWith($"{name} is ", Refusal((name, value)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Holdfast:Dashboard", "perhaps", "true or false")]
    [InlineData("Holdfast:SiloPort", "eleven", "a whole number")]
    [InlineData("Holdfast:Outbox:PageSize", "1e9", "a whole number")]
    [InlineData("Holdfast:Orders:HoldTtl", "half an hour", "a time")]
    public void A_value_of_another_kind_is_refused(string name, string value, string kind)
    {
        var refusal = Refusal((name, value));

        Assert.StartsWith($"{name} is '{value}'", refusal, StringComparison.Ordinal);
        Assert.Contains(kind, refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Holdfast:Role", "king", "Holdfast:Role must be")]
    [InlineData("Holdfast:ClusterId", "a b", "Holdfast:ClusterId must be")]
    [InlineData("Holdfast:ClusterId", "", "Holdfast:ClusterId must not be empty")]
    [InlineData("Holdfast:DataDirectory", "", "Holdfast:DataDirectory must not be empty")]
    public void A_text_that_is_not_what_it_names_is_refused(string name, string value, string refusal) =>
        Assert.StartsWith(refusal, Refusal((name, value)), StringComparison.Ordinal);

    [Theory]
    [InlineData("Holdfast:DataDirektory", "Holdfast:DataDirectory")]
    [InlineData("Holdfast:Outbox:MaxQueDelay", "Holdfast:Outbox:MaxQueueDelay")]
    [InlineData("Holdfast:MaxQueueDelay", "Holdfast:Outbox:MaxQueueDelay")]
    [InlineData("Holdfast:Oubox:PageSize", "Holdfast:Outbox:PageSize")]
    [InlineData("holdfast:kubernets", "Holdfast:Kubernetes")]
    [InlineData("Holdfast:Journal", "Holdfast:Journal:")]
    [InlineData("Holdfast:Role:all", "Holdfast:Role")]
    [InlineData("Holdfast:Sandbox:SlowAnswr", "Holdfast:Sandbox:SlowAnswer")]
    public void A_key_that_nobody_reads_is_refused_and_the_nearest_setting_named(string key, string nearest)
    {
        var refusal = Refusal((key, "1"));

        Assert.Contains(key, refusal, StringComparison.OrdinalIgnoreCase);
        Assert.Contains($"Did you mean {nearest}", refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ConnectionStrings:Holdfst", "Did you mean ConnectionStrings:Holdfast?")]
    [InlineData("ConnectionStrings:Shop", "All are listed in docs/settings.md.")]
    [InlineData("Holdfast:Sandbox:Path", "is no setting of Holdfast.")]
    [InlineData("Holdfast", "Did you mean Holdfast:")]
    [InlineData("Holdfast:Journal:Nope", "is no setting of Holdfast. All are listed in docs/settings.md.")]
    public void What_would_have_no_effect_is_refused_wherever_it_stands(string key, string hint) =>
        Assert.Contains(hint, Refusal((key, "1")), StringComparison.Ordinal);

    [Theory]
    [InlineData("urls", "notaurl")]
    [InlineData("urls", "http://127.0.0.1:99999")]
    [InlineData("urls", "ftp://localhost:21")]
    [InlineData("Kestrel:Endpoints:Public:Url", "localhost")]
    public void What_is_no_address_to_listen_on_is_refused(string setting, string address) =>
        Assert.Contains($"asks for '{address}', which is no address to listen on", Refusal((setting, address)), StringComparison.Ordinal);

    [Theory]
    [InlineData("Logging:LogLevel:Default")]
    [InlineData("Logging:Console:LogLevel:Holdfast")]
    public void A_log_level_that_is_none_is_refused(string setting) =>
        Assert.StartsWith($"{setting} is 'Loud', and has to be one of Trace, ", Refusal((setting, "Loud")), StringComparison.Ordinal);

    [Fact]
    public void Names_are_taken_in_any_case() => Assert.Equal("x", Read(("HOLDFAST:DATADIRECTORY", "x")).Options.DataDirectory);

    [Theory]
    [InlineData("Holdfast:Outbox:FirstBackoff", "00:01:01", "Holdfast:Outbox:MaxBackoff")]
    [InlineData("Holdfast:Outbox:MaxQueueDelay", "00:00:31", "Holdfast:Orders:ReserveDeadline")]
    [InlineData("Holdfast:Outbox:HandlerLease", "00:00:09", "Holdfast:Orders:GatewayTimeout")]
    [InlineData("Holdfast:Orders:ChargeGiveUpAfter", "00:00:19", "ChargeSendWindow")]
    [InlineData("Holdfast:Orders:GatewayKeyLifetime", "00:09:00", "ChargeGiveUpAfter")]
    [InlineData("Holdfast:Orders:HoldTtl", "00:01:29", "HoldMargin")]
    [InlineData("Holdfast:Outbox:MaxPutBack", "00:00:00.100", "Holdfast:Outbox:FirstBackoff")]
    [InlineData("Holdfast:Orders:GatewayTimeout", "00:01:30", "Holdfast:Orders:HoldMargin")]
    public void Times_that_are_out_of_order_are_refused(string name, string value, string other)
    {
        var refusal = Refusal((name, value));

        Assert.Contains(name, refusal, StringComparison.Ordinal);
        Assert.Contains(other, refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a", "aud", "a", "aud", true)]
    [InlineData("a", "aud", "a", "other", false)]
    [InlineData("a", "aud", "b", "aud", false)]
    public void Customers_are_told_from_the_shop_by_issuer_or_audience(
        string issuer, string audience, string customers, string theirs, bool refused)
    {
        (string, string)[] settings =
        [
            ("Holdfast:Jwt:Issuer", $"https://login.example/{issuer}"), ("Holdfast:Jwt:Audience", audience),
            ("Holdfast:CustomerJwt:Issuer", $"https://login.example/{customers}"), ("Holdfast:CustomerJwt:Audience", theirs),
        ];
        if (refused) Assert.Contains("a customer's token would be one of the shop's", Refusal(settings), StringComparison.Ordinal);
        else Assert.Equal(theirs, Read(settings).CustomerJwt.Audience);
    }

    [Theory]
    [InlineData("http://login.example/shop", true)]
    [InlineData("http://localhost.login.example", true)]
    [InlineData("http://localhost@login.example", true)]
    [InlineData("http://localhost:8080/shop", false)]
    [InlineData("http://127.0.0.1:8080", false)]
    [InlineData("https://login.example/shop", false)]
    public void Keys_of_an_issuer_come_over_no_network_that_can_be_listened_to(string issuer, bool refused)
    {
        (string, string)[] settings = [("Holdfast:Jwt:Issuer", issuer), ("Holdfast:Jwt:Audience", "holdfast")];
        if (refused) Assert.Contains("keys come over https", Refusal(settings), StringComparison.Ordinal);
        else Assert.Equal(issuer, Read(settings).Jwt.Issuer);
    }

    [Theory]
    [InlineData("10.0.0.1;10.0.0.300", "'10.0.0.300'")]
    [InlineData("10.0.0.1;", "''")]
    [InlineData("1", "'1'")]
    [InlineData("010.0.0.1", "'010.0.0.1'")]
    [InlineData("fe80::g", "'fe80::g'")]
    [InlineData("10.0.0.1, 10.0.0.2", "'10.0.0.1, 10.0.0.2'")]
    public void A_proxy_that_has_no_address_is_refused_by_its_entry(string proxies, string entry) => Assert.Contains(
        $"Holdfast:Limits:TrustedProxies has the entry {entry}",
        Refusal(("Holdfast:Limits:TrustedProxies", proxies)), StringComparison.Ordinal);

    [Theory]
    [InlineData("10.0.0.1;::1;FE80::1")]
    [InlineData("::ffff:10.0.0.1")]
    public void Proxies_are_taken_by_their_addresses(string proxies) =>
        Assert.Equal(proxies, Read(("Holdfast:Limits:TrustedProxies", proxies)).Limits.TrustedProxies);

    [Fact]
    public void Every_section_is_checked_when_a_silo_starts()
    {
        foreach (var (name, range) in Ranges())
        {
            var services = new ServiceCollection();
            services.AddSingleton<IConfiguration>(Configuration((name, Outside(range).First())));
            services.AddHoldfastSettings();
            using var provider = services.BuildServiceProvider();

            var refused = Assert.Throws<OptionsValidationException>(provider.GetRequiredService<IStartupValidator>().Validate);
            Assert.StartsWith($"{name} is ", refused.Message, StringComparison.Ordinal);
        }
    }

    private static HoldfastSettings Read(params (string Key, string Value)[] settings) => HoldfastSettings.Read(Configuration(settings));

    private static string Refusal(params (string Key, string Value)[] settings) =>
        Assert.Throws<StartRefusedException>(() => Read(settings)).Message;

    private static IConfigurationRoot Configuration(params (string Key, string Value)[] settings) => new ConfigurationBuilder()
        .AddInMemoryCollection(settings.Select(static setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)))
        .Build();

    private static IEnumerable<(string Name, RangeAttribute Range)> Ranges() =>
        from section in SettingsSections.All
        from setting in section.Settings
        let range = setting.GetCustomAttribute<RangeAttribute>()
        where range is not null
        select (section.NameOf(setting), range);

    /// <summary>The nearest values below and above a range, as far as their type has any.</summary>
    private static IEnumerable<string> Outside(RangeAttribute range)
    {
        if (range.OperandType == typeof(TimeSpan))
        {
            yield return (Time(range.Minimum) - TimeSpan.FromTicks(1)).ToString();
            yield return (Time(range.Maximum) + TimeSpan.FromTicks(1)).ToString();
            yield break;
        }

        var least = Convert.ToInt64(range.Minimum, CultureInfo.InvariantCulture);
        var most = Convert.ToInt64(range.Maximum, CultureInfo.InvariantCulture);
        yield return (least - 1).ToString(CultureInfo.InvariantCulture);
        if (most < long.MaxValue) yield return (most + 1).ToString(CultureInfo.InvariantCulture);
    }

    private static TimeSpan Time(object bound) => TimeSpan.Parse((string)bound, CultureInfo.InvariantCulture);
}
