namespace EventBroker.Client.Subscribing;

/// <summary>The server has ended a stream without an error.</summary>
internal sealed class StreamEndedException() : EventBrokerException(ErrorCode.Unavailable, "the server has ended the stream");
