using Benchmarks.Loads;
using EventBroker.Sdk.Transports;

namespace Benchmarks.Backends;

/// <summary>A server, the transport over it, and its own client doing the same work.</summary>
internal interface IBackend : IAsyncDisposable
{
    ITransport Transport { get; }

    /// <summary>Publishes, each acknowledged, so many under way at a time.</summary>
    /// <param name="inFlight">How many.</param>
    /// <param name="hasIds">Whether each has an id, and one whose id is known is not published again.</param>
    ILoad PublishByClient(int inFlight, bool hasIds);

    /// <summary>Takes what was published beforehand, and acks it.</summary>
    Task<ILoad> ConsumeByClientAsync();
}
