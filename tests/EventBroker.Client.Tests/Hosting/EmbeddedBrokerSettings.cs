using EventBroker.Broker;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Memory;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace EventBroker.Client.Tests.Hosting;

internal sealed class EmbeddedBrokerSettings
{
    public BrokerOptions Broker { get; } = new();

    public MemorySettings Memory { get; } = new();

    // The backend of another broker, for two of them over one.
    public MemoryTransport? Transport { get; init; }

    // What lies between the broker and its transport.
    public Func<ITransport, ITransport>? Decorate { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public HttpsConnectionAdapterOptions? Https { get; init; }
}
