namespace EventBroker.Broker.Delivering;

/// <summary>Who delivers a message again.</summary>
internal enum RedeliveryKind
{
    /// <summary>Given to the transport, which delivers it again, after the delay.</summary>
    ToTransport,

    /// <summary>Waits here for the delay. Then it is given to the transport, or delivered again from here: see <see cref="RedeliveryPolicy.WaitingGoesToTransport"/>.</summary>
    Wait,

    /// <summary>Done with: nobody wants it any more.</summary>
    Drop,
}
