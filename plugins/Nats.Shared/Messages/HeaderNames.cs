namespace EventBroker.Nats.Messages;

/// <summary>The headers that mean something to the servers or to this broker.</summary>
internal static class HeaderNames
{
    /// <summary>By this JetStream drops a second message.</summary>
    public const string MessageId = "Nats-Msg-Id";

    /// <summary>Says that the payload is a whole message of a broker, encoded, and not another client's own.</summary>
    public const string Form = "Eb-Form";

    /// <summary>The only form so far.</summary>
    public const string FormValue = "1";

    /// <summary>Gets the form's header as it stands among encoded headers.</summary>
    public static ReadOnlySpan<byte> FormLine => "\r\nEb-Form: 1\r\n"u8;
}
