using Holdfast.Rig;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace Holdfast.Tests;

/// <summary>As <see cref="StoreFactAttribute"/>, with data.</summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("Holdfast.Tests.StoreTheoryDiscoverer", "Holdfast.Tests")]
public sealed class StoreTheoryAttribute : TheoryAttribute;

public sealed class StoreTheoryDiscoverer(IMessageSink diagnostics) : TheoryDiscoverer(diagnostics)
{
    public override IEnumerable<IXunitTestCase> Discover(
        ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo theoryAttribute)
    {
        if (!testMethod.TestClass.Class.GetCustomAttributes(typeof(NeedsPostgresAttribute)).Any() || PostgresDatabase.WhyUnavailable is null)
            return base.Discover(discoveryOptions, testMethod, theoryAttribute);

        var (display, options) = (discoveryOptions.MethodDisplayOrDefault(), discoveryOptions.MethodDisplayOptionsOrDefault());
        return [new StoreTestCase(DiagnosticMessageSink, display, options, testMethod)];
    }
}
