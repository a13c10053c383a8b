namespace EventBroker.Endpoints.Streaming;

// A stream that shows signs of life while nothing is delivered.
internal interface IHasHeartbeat
{
    // Does nothing when somebody is writing anyway. A broken connection is not its affair: the pump notices.
    ValueTask BeatAsync();
}
