namespace HostileClient.Wire;

/// <summary>The paths of gRPC methods.</summary>
internal static class Methods
{
    public const string Publish = "/event.v1.EventService/Publish";
    public const string Subscribe = "/event.v1.EventService/Subscribe";
    public const string Ack = "/event.v1.EventService/Ack";
    public const string Register = "/event.v1.EventService/RegisterEvent";
    public const string PublishBatch = "/eventbroker.v1.BrokerService/PublishBatch";
    public const string PublishStream = "/eventbroker.v1.BrokerService/PublishStream";
    public const string Describe = "/eventbroker.v1.BrokerService/DescribeEvent";
    public const string Seek = "/eventbroker.v1.BrokerService/Seek";
}
