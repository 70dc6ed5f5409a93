using Xunit.Abstractions;
using Xunit.Sdk;

namespace Holdfast.Tests;

/// <summary>On a class whose tests, the inherited ones too, need a PostgreSQL: where it is missing, they are skipped.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class NeedsPostgresAttribute : Attribute;

/// <summary>A fact of a contract: the class that inherits it says what it needs.</summary>
[XunitTestCaseDiscoverer("Holdfast.Tests.ContractFactDiscoverer", "Holdfast.Tests")]
public sealed class ContractFactAttribute : FactAttribute;

/// <summary>A theory of a contract: the class that inherits it says what it needs.</summary>
[XunitTestCaseDiscoverer("Holdfast.Tests.ContractTheoryDiscoverer", "Holdfast.Tests")]
public sealed class ContractTheoryAttribute : TheoryAttribute;

public sealed class ContractFactDiscoverer(IMessageSink messages) : FactDiscoverer(messages)
{
    public override IEnumerable<IXunitTestCase> Discover(
        ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo factAttribute) =>
        Contract.Skipped(discoveryOptions, testMethod, DiagnosticMessageSink) ?? base.Discover(discoveryOptions, testMethod, factAttribute);
}

public sealed class ContractTheoryDiscoverer(IMessageSink messages) : TheoryDiscoverer(messages)
{
    public override IEnumerable<IXunitTestCase> Discover(
        ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo theoryAttribute) =>
        Contract.Skipped(discoveryOptions, testMethod, DiagnosticMessageSink) ?? base.Discover(discoveryOptions, testMethod, theoryAttribute);
}

internal static class Contract
{
    /// <summary>Null when the class has what it needs.</summary>
    public static IXunitTestCase[]? Skipped(ITestFrameworkDiscoveryOptions options, ITestMethod method, IMessageSink messages)
    {
        if (!method.TestClass.Class.GetCustomAttributes(typeof(NeedsPostgresAttribute)).Any() || Wants.Database.WhyNot() is not { } reason)
            return null;
        return
        [
            new XunitSkippedDataRowTestCase(
                messages, options.MethodDisplayOrDefault(), options.MethodDisplayOptionsOrDefault(), method, reason),
        ];
    }
}
