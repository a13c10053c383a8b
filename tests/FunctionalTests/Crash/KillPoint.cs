namespace EventBroker.FunctionalTests.Crash;

// The moments at which the broker is killed, as its clients see them.
internal enum KillPoint
{
    // A publish has left, and nobody knows what becomes of it.
    PublishSent,

    // The publisher has its answer, and that is all that the message has to rely on.
    PublishAnswered,

    StreamOpened,

    Received,

    SettlementSent,

    SettlementAnswered,
}
