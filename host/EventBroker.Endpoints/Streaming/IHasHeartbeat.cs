namespace EventBroker.Endpoints.Streaming;

// A stream that shows signs of life while nothing is delivered.
internal interface IHasHeartbeat
{
    // Does nothing when somebody is writing anyway. A broken connection is not its affair: the pump notices.
    ValueTask BeatAsync();

    // Whether the other side owes an answer since the last beat. By default none is asked for.
    bool IsUnanswered => false;

    // The answer has not come in time.
    void GiveUp()
    {
    }
}
