namespace EventBroker.Transport.Kafka.Tests.Cluster;

/// <summary>A real cluster, where one is named. The mock has no topics to make or grow, no offsets by time and no list of groups.</summary>
internal static class RealCluster
{
    public const string Variable = "KAFKA_BOOTSTRAP_SERVERS";

    public static string? BootstrapServers { get; } = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } servers ? servers : null;

    public static string Need() =>
        BootstrapServers ?? throw new InvalidOperationException(Variable);

    public static void SkipWithout() =>
        Assert.SkipWhen(BootstrapServers is null, $"librdkafka's mock cluster can't do it: name a real cluster in {Variable}.");
}
