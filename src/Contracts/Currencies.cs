using System.Collections.Frozen;

namespace Holdfast.Contracts;

/// <summary>The currencies of ISO 4217 in which something can be priced, with their minor units. Metals, test and settlement codes are none.</summary>
public static class Currencies
{
    private const string Codes0 = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF";

    private const string Codes2 =
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY COP COU CRC "
        + "CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW "
        + "KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP "
        + "PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN "
        + "UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG";

    private const string Codes3 = "BHD IQD JOD KWD LYD OMR TND";

    private const string Codes4 = "CLF UYW";

    private static readonly FrozenDictionary<string, int> Digits =
        new[] { (Codes0, 0), (Codes2, 2), (Codes3, 3), (Codes4, 4) }
            .SelectMany(static group => group.Item1.Split(' ').Select(code => (Code: code, Digits: group.Item2)))
            .ToFrozenDictionary(static currency => currency.Code, static currency => currency.Digits, StringComparer.Ordinal);

    public static IReadOnlyCollection<string> All => Digits.Keys;

    public static bool IsKnown(string code) => Digits.ContainsKey(code);

    /// <summary>Digits behind the point: an amount of 1999 is 19.99 with two, 1999 with none.</summary>
    public static int MinorUnits(string code) => Digits[code];
}
