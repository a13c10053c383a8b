using EventBroker.Sdk.Conformance.Transports;
using EventBroker.Sdk.Transports;

namespace EventBroker.Sdk.Conformance.Discovery;

/// <summary>What the transport of a suite declares, learned once from a transport that is made for nothing else.</summary>
internal sealed class Declaration
{
    private static readonly Lock Gate = new();
    private static readonly Dictionary<Type, Task<Declaration>> Known = [];

    private Declaration(TransportFixture fixture, TransportCapabilities capabilities)
    {
        Capabilities = capabilities;
        IsEmbedded = fixture.IsEmbedded;
    }

    public TransportCapabilities Capabilities { get; }

    public bool IsEmbedded { get; }

    public static Task<Declaration> OfSuiteAsync(Type suite)
    {
        var fixture = FixtureOf(suite);
        lock (Gate)
        {
            return Known.TryGetValue(fixture, out var known) ? known : Known[fixture] = LearnAsync(fixture);
        }
    }

    // The fixture is the type argument of the abstract suite.
    public static Type FixtureOf(Type suite)
    {
        for (var type = suite; type is not null; type = type.BaseType)
        {
            if (Array.Find(type.GetGenericArguments(), static a => a.IsSubclassOf(typeof(TransportFixture))) is { } fixture)
            {
                return fixture;
            }
        }

        throw new InvalidOperationException($"{suite} derives from no suite that names a {nameof(TransportFixture)}");
    }

    private static async Task<Declaration> LearnAsync(Type type)
    {
        var fixture = (TransportFixture)Activator.CreateInstance(type)!;
        try
        {
            await using var transport = await fixture.CreateAsync().ConfigureAwait(false);
            return new Declaration(fixture, transport.Capabilities);
        }
        finally
        {
            await fixture.EndAsync().ConfigureAwait(false);
        }
    }
}
