using EventBroker.Kafka.Shared;

namespace EventBroker.Transport.Kafka.Tests.Cluster;

/// <summary>The one process with mock clusters of a test run, and the cluster that most tests share. It ends with the run, whose end it reads.</summary>
internal static class SharedMock
{
    private static readonly Lazy<MockProcess> TheProcess = new(MockProcess.Start);

#pragma warning disable VSTHRD011 // Nothing waits for it while it is made.
    private static readonly Lazy<Task<MockCluster>> TheCluster = new(static () => TheProcess.Value.NewClusterAsync());

    public static MockProcess Process => TheProcess.Value;

    public static Task<MockCluster> GetClusterAsync() => TheCluster.Value;
#pragma warning restore VSTHRD011
}
