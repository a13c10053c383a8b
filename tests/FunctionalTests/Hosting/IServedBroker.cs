using Grpc.Net.Client;

namespace EventBroker.FunctionalTests.Hosting;

// A broker as its clients reach it, wherever it runs.
internal interface IServedBroker
{
    Uri HttpAddress { get; }

    HttpClient Http { get; }

    // Closed with the broker.
    GrpcChannel OpenChannel();
}
