namespace EventBroker.Client.Tests.Hosting;

// What a scenario needs of a broker, whatever its transport and wherever it runs. Another fixture, say a process that is killed over a
// durable transport, plays the same scenarios.
internal interface IRestartableBroker : IAsyncDisposable
{
    Uri Address { get; }

    // Takes the broker down, as gently as the fixture stands for; ends when its address refuses connections.
    Task StopAsync();

    // Brings it back at the same address with the events and messages that it had, and ends when it serves.
    Task StartAsync();
}
