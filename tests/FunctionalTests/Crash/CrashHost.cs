using EventBroker.Client.Tests.Hosting;
using Grpc.Net.Client;

namespace EventBroker.FunctionalTests.Crash;

// A broker, and its lives.
internal sealed class CrashHost(BrokerProcess broker, Ledger ledger)
{
    public BrokerProcess Broker => broker;

    public Lives Lives { get; } = new(() =>
    {
        ledger.Crashed();
        broker.Kill();
    });

    public GrpcChannel OpenChannel() => GrpcChannel.ForAddress(broker.Address);

    public HttpClient OpenHttp() => new() { BaseAddress = broker.HttpAddress };
}
