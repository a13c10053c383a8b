using Confluent.Kafka;
using EventBroker.Sdk.Errors;

namespace EventBroker.Transport.Kafka.Topics;

/// <summary>What Kafka says, in the terms of the broker.</summary>
internal static class KafkaErrors
{
    public static BrokerException Map(Error error, string transport) => error.Code switch
    {
        ErrorCode.UnknownTopicOrPart or ErrorCode.Local_UnknownTopic or ErrorCode.Local_UnknownPartition => BrokerErrors.EventNotRegistered(),
        ErrorCode.TopicAlreadyExists => BrokerErrors.EventAlreadyRegistered(),
        ErrorCode.MsgSizeTooLarge or ErrorCode.RecordListTooLarge => new(
            BrokerErrorCode.ResourceExhausted, "the message is larger than the event's topic takes")
        { IsFinal = true },
        ErrorCode.Local_QueueFull => new(BrokerErrorCode.ResourceExhausted, "too many messages wait for Kafka; try again later"),
        ErrorCode.TopicAuthorizationFailed or ErrorCode.GroupAuthorizationFailed or ErrorCode.ClusterAuthorizationFailed => new(
            BrokerErrorCode.FailedPrecondition, $"Kafka does not allow it to transport '{transport}': {error.Reason}; give its user the right"),
        ErrorCode.PolicyViolation or ErrorCode.InvalidConfig or ErrorCode.InvalidReplicationFactor or ErrorCode.InvalidPartitions
            or ErrorCode.InvalidReplicaAssignment or ErrorCode.InvalidRecord => new(
            BrokerErrorCode.FailedPrecondition, $"Kafka refuses it: {error.Reason}"),
        ErrorCode.Local_UnsupportedFeature => new(BrokerErrorCode.FailedPrecondition, $"the Kafka brokers are too old for it: {error.Reason}"),
        _ => new BrokerException(BrokerErrorCode.Unavailable, $"Kafka does not answer as it should: {error.Reason}", new KafkaException(error)),
    };

    /// <summary>Tells whether an error says that an offset was not taken, so that it can be told who has the message now.</summary>
    public static bool IsRefusal(ErrorCode code) => code
        is ErrorCode.UnknownMemberId or ErrorCode.IllegalGeneration or ErrorCode.RebalanceInProgress or ErrorCode.FencedInstanceId
        or ErrorCode.NotCoordinatorForGroup or ErrorCode.GroupCoordinatorNotAvailable or ErrorCode.GroupLoadInProgress
        or ErrorCode.InvalidGroupId or ErrorCode.OffsetMetadataTooLarge or ErrorCode.InvalidCommitOffsetSize
        or ErrorCode.GroupAuthorizationFailed or ErrorCode.TopicAuthorizationFailed or ErrorCode.UnknownTopicOrPart;

    /// <summary>Tells whether an error says nothing but that the cluster is out of reach.</summary>
    public static bool IsOutage(ErrorCode code) => code
        is ErrorCode.Local_Transport or ErrorCode.Local_AllBrokersDown or ErrorCode.Local_TimedOut or ErrorCode.Local_Resolve
        or ErrorCode.Local_MsgTimedOut or ErrorCode.Local_WaitCoord or ErrorCode.RequestTimedOut;
}
