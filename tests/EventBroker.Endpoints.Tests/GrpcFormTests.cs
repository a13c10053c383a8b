using EventBroker.Broker.Subscribing;
using EventBroker.Endpoints.Grpc;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using Google.Protobuf.WellKnownTypes;
using Proto = EventBroker.Protos.Event.V1;
using Seek = EventBroker.Protos.Broker.V1.SeekRequest;

namespace EventBroker.Endpoints.Tests;

// What requests of gRPC can say and the broker can't express is refused by its field's name; all else goes over as it is.
public sealed class GrpcFormTests
{
    private static readonly Duration NoDuration = new() { Seconds = long.MaxValue };
    private static readonly Timestamp NoTime = new() { Nanos = -1 };

    [Fact]
    public void A_field_that_is_none_is_named()
    {
        Assert.Equal("options.retention is no valid duration", FaultOf(() => EventOptionsForm.ToBroker(new Proto.EventOptions { Retention = NoDuration })));
        Assert.Equal(
            "options.deduplication_window is no valid duration",
            FaultOf(() => EventOptionsForm.ToBroker(new Proto.EventOptions { DeduplicationWindow = NoDuration })));
        Assert.Equal("max_age is no valid duration", FaultOf(() => SubscribeRequests.ToBroker(new Proto.SubscribeRequest { MaxAge = NoDuration })));
        Assert.Equal("ack_timeout is no valid duration", FaultOf(() => SubscribeRequests.ToBroker(new Proto.SubscribeRequest { AckTimeout = NoDuration })));
        Assert.Equal("start_time is outside of the years 1 to 9999", FaultOf(() => SubscribeRequests.ToBroker(new Proto.SubscribeRequest { StartTime = NoTime })));
        Assert.Equal("start_time is outside of the years 1 to 9999", FaultOf(() => SeekRequests.ToBroker(new Seek { WorkerGroup = "", StartTime = NoTime })));
        Assert.Equal(
            "worker_group (empty for the default group) or consumer_id is needed: whose place is to be moved", FaultOf(() => SeekRequests.ToBroker(new Seek())));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(3)]
    public void A_mode_that_is_none_is_named(int mode) => Assert.Equal(
        $"delivery_mode is {mode}, which is none of its values: 0 (unspecified), 1 (broadcast), 2 (worker pool)",
        FaultOf(() => SubscribeRequests.ToBroker(new Proto.SubscribeRequest { DeliveryMode = (Proto.DeliveryMode)mode })));

    [Theory]
    [InlineData(-1)]
    [InlineData(4)]
    public void A_start_that_is_none_is_named(int start)
    {
        Assert.Equal(
            $"start_from is {start}, which is none of its values: 0 (unspecified), 1 (beginning), 2 (latest), 3 (timestamp)",
            FaultOf(() => SubscribeRequests.ToBroker(new Proto.SubscribeRequest { StartFrom = (Proto.StartPosition)start })));
        Assert.Equal(
            $"start_from is {start}, which is none of its values: 1 (beginning), 2 (latest), 3 (timestamp)",
            FaultOf(() => SeekRequests.ToBroker(new Seek { ConsumerId = "c", StartFrom = (Proto.StartPosition)start })));
    }

    [Fact]
    public void Every_field_of_a_subscription_goes_over() => Assert.Equal(
        new SubscribeRequest
        {
            EventName = "e",
            Mode = DeliveryMode.WorkerPool,
            WorkerGroup = "w",
            Start = StartPosition.Timestamp,
            StartTime = DateTimeOffset.UnixEpoch,
            MaxAge = TimeSpan.FromSeconds(1),
            LatestOnly = true,
            BufferSize = 2,
            ConsumerId = "c",
            ResumeAfter = "r",
            MaxInFlight = 3,
            AckTimeout = TimeSpan.FromSeconds(4),
            AutoAck = true,
            Wait = true,
            Takeover = true,
        },
        SubscribeRequests.ToBroker(new Proto.SubscribeRequest
        {
            Event = "e",
            DeliveryMode = Proto.DeliveryMode.WorkerPool,
            WorkerGroup = "w",
            StartFrom = Proto.StartPosition.Timestamp,
            StartTime = new Timestamp(),
            MaxAge = new Duration { Seconds = 1 },
            LatestOnly = true,
            BufferSize = 2,
            ConsumerId = "c",
            ResumeAfter = "r",
            MaxInFlight = 3,
            AckTimeout = new Duration { Seconds = 4 },
            AutoAck = true,
            Wait = true,
            Takeover = true,
        }));

    [Theory]
    [InlineData(0, StartPosition.Unspecified)]
    [InlineData(1, StartPosition.Beginning)]
    [InlineData(2, StartPosition.Latest)]
    [InlineData(3, StartPosition.Timestamp)]
    public void Each_start_goes_over(int start, StartPosition expected)
    {
        Assert.Equal(expected, SubscribeRequests.ToBroker(new Proto.SubscribeRequest { StartFrom = (Proto.StartPosition)start }).Start);
        Assert.Equal(expected, SeekRequests.ToBroker(new Seek { WorkerGroup = "w", StartFrom = (Proto.StartPosition)start }).Position);
    }

    [Fact]
    public void A_place_is_a_groups_or_a_consumers()
    {
        var group = SeekRequests.ToBroker(new Seek { WorkerGroup = "w", ResumeAfter = "r" });
        var consumer = SeekRequests.ToBroker(new Seek { ConsumerId = "c", StartTime = new Timestamp() });

        Assert.Equal((PlaceKind.WorkerGroup, "w", "r", null), (group.Kind, group.Name, group.After, group.Time));
        Assert.Equal((PlaceKind.ConsumerId, "c", null, DateTimeOffset.UnixEpoch), (consumer.Kind, consumer.Name, consumer.After, consumer.Time));
    }

    [Fact]
    public void Options_go_over_and_come_back_and_what_is_not_set_stays_so()
    {
        var all = new Proto.EventOptions
        {
            Retention = Duration.FromTimeSpan(TimeSpan.FromDays(1)),
            MaxBytes = 1,
            MaxMessages = 2,
            MaxMessageBytes = 3,
            DeduplicationWindow = Duration.FromTimeSpan(TimeSpan.FromMinutes(2)),
            Partitions = 4,
            Replicas = 5,
        };

        Assert.Equivalent(
            new EventOptions
            {
                Retention = TimeSpan.FromDays(1),
                MaxBytes = 1,
                MaxMessages = 2,
                MaxMessageBytes = 3,
                DeduplicationWindow = TimeSpan.FromMinutes(2),
                Partitions = 4,
                Replicas = 5,
            },
            EventOptionsForm.ToBroker(all),
            strict: true);
        Assert.Equal(all, EventOptionsForm.ToWire(EventOptionsForm.ToBroker(all)));
        Assert.Equal(new Proto.EventOptions(), EventOptionsForm.ToWire(EventOptionsForm.ToBroker(new Proto.EventOptions())));
        Assert.Equal(EventOptions.None, EventOptionsForm.ToBroker(null));
    }

    private static string FaultOf(Func<object> read)
    {
        var fault = Assert.Throws<BrokerException>(read);
        Assert.Equal(BrokerErrorCode.InvalidArgument, fault.Code);
        return fault.Message;
    }
}
