using System.Reflection;
using EventBroker.Sdk.Conformance.Reporting;
using EventBroker.Sdk.Transports;
using Xunit.v3;

namespace EventBroker.Sdk.Conformance.Discovery;

/// <summary>Compares what a test needs with what a transport declares.</summary>
internal static class DeclaredNeeds
{
    /// <summary>Tells what a test with these arguments proves; null for what every transport does.</summary>
    public static TransportCapability? Proves(this IDeclaredNeeds needs, IReadOnlyList<object?> arguments) =>
        Argument<TransportCapability>(arguments) ?? (needs.Needs.Count > 0 ? needs.Needs[0] : PlaceOf(arguments));

    /// <summary>Tells whether a test with these arguments is about a transport.</summary>
    public static bool AreMet(this IDeclaredNeeds needs, IReadOnlyList<object?> arguments, Declaration declaration)
    {
        var declared = declaration.Capabilities;

        // Of the option where there is one, of the capability otherwise.
        var option = Argument<EventOption>(arguments);
        var subject = option is null ? needs.Proves(arguments) : null;
        IEnumerable<TransportCapability?> all = [subject, PlaceOf(arguments), .. needs.Needs];
        return (subject is not { } capability || declared.Has(capability) != needs.Undeclared)
            && (option is not { } known || declared.EventOptions.Contains(known) != needs.Undeclared)
            && all.Where(c => c != subject).All(c => c is not { } other || declared.Has(other))
            && needs.Options.All(declared.EventOptions.Contains)
            && (!needs.KeepsMessages || declared.Guarantee != DeliveryGuarantee.AtMostOnce)
            && (!needs.SinglePlace || declared.RemembersSinglePlace)
            && (!needs.LimitsMessages || declared.MaxMessageBytes is not null)
            && (!needs.Backend || !declaration.IsEmbedded);
    }

    /// <summary>Leaves out the tests that are not about the transport of their suite.</summary>
    public static async Task<IReadOnlyCollection<IXunitTest>> KeepAsync(IReadOnlyCollection<IXunitTest> tests, IXunitTestMethod method)
    {
        var needs = Of(method.Method);
        var declaration = await Declaration.OfSuiteAsync(method.TestClass.Class).ConfigureAwait(false);
        IXunitTest[] kept = [.. tests.Where(t => needs.AreMet(t.TestMethodArguments, declaration))];
        SuiteRun.Of(method.TestClass.Class).Expect(method.MethodName, kept.Length);
        return kept;
    }

    /// <summary>Finds what a test needs.</summary>
    public static IDeclaredNeeds Of(MethodInfo method) => method.GetCustomAttributes().OfType<IDeclaredNeeds>().Single();

    private static TransportCapability? PlaceOf(IReadOnlyList<object?> arguments) => Argument<PlaceKind>(arguments) switch
    {
        PlaceKind.WorkerGroup => TransportCapability.WorkerGroups,
        PlaceKind.ConsumerId => TransportCapability.ConsumerResume,
        _ => null,
    };

    private static T? Argument<T>(IReadOnlyList<object?> arguments)
        where T : struct => arguments.OfType<T>().Cast<T?>().FirstOrDefault();
}
