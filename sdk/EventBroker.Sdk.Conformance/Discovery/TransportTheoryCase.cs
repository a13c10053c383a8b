using System.ComponentModel;
using Xunit.Sdk;
using Xunit.v3;

namespace EventBroker.Sdk.Conformance.Discovery;

/// <summary>A test with rows of data, of which those are there for which the transport declares what they need.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class TransportTheoryCase : XunitDelayEnumeratedTheoryTestCase
{
    /// <summary>Initializes a case that is read from its serialized form.</summary>
    [Obsolete("Called when the case is read from its serialized form.")]
    public TransportTheoryCase()
    {
    }

    internal TransportTheoryCase(IXunitTestMethod testMethod, string displayName, string uniqueId, string? sourceFile, int? sourceLine)
        : base(
            testMethod,
            displayName,
            uniqueId,
            @explicit: false,
            skipTestWithoutData: false,
            traits: testMethod.Traits.ToDictionary(static t => t.Key, static t => t.Value.ToHashSet(StringComparer.Ordinal), StringComparer.Ordinal),
            sourceFilePath: sourceFile,
            sourceLineNumber: sourceLine)
    {
    }

    /// <inheritdoc/>
    public override async ValueTask<IReadOnlyCollection<IXunitTest>> CreateTests() =>
        await DeclaredNeeds.KeepAsync(await base.CreateTests().ConfigureAwait(false), TestMethod).ConfigureAwait(false);
}
