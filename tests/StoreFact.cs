using Holdfast.Rig;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace Holdfast.Tests;

/// <summary>Marks a test class whose tests, inherited ones included, need a PostgreSQL database.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class NeedsPostgresAttribute : Attribute;

/// <summary>
/// A test of a contract that several stores keep: skipped, by name and reason, in a class that is marked
/// <see cref="NeedsPostgresAttribute"/> where no database can be had.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("Holdfast.Tests.StoreFactDiscoverer", "Holdfast.Tests")]
public sealed class StoreFactAttribute : FactAttribute;

public sealed class StoreFactDiscoverer(IMessageSink diagnostics) : FactDiscoverer(diagnostics)
{
    protected override IXunitTestCase CreateTestCase(
        ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo factAttribute)
    {
        var (display, options) = (discoveryOptions.MethodDisplayOrDefault(), discoveryOptions.MethodDisplayOptionsOrDefault());
        var needsPostgres = testMethod.TestClass.Class.GetCustomAttributes(typeof(NeedsPostgresAttribute)).Any();
        return needsPostgres && PostgresDatabase.WhyUnavailable is not null
            ? new StoreTestCase(DiagnosticMessageSink, display, options, testMethod)
            : new XunitTestCase(DiagnosticMessageSink, display, options, testMethod);
    }
}

public sealed class StoreTestCase : XunitTestCase
{
    [Obsolete("For the test framework, which makes it before it reads it.")]
    public StoreTestCase()
    {
    }

    public StoreTestCase(IMessageSink diagnostics, TestMethodDisplay display, TestMethodDisplayOptions options, ITestMethod method)
        : base(diagnostics, display, options, method)
    {
    }

    protected override string GetSkipReason(IAttributeInfo factAttribute) => PostgresDatabase.WhyUnavailable!;
}
