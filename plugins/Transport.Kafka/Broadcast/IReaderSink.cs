namespace EventBroker.Transport.Kafka.Broadcast;

/// <summary>Takes what a reader reads; called on the reader's thread.</summary>
internal interface IReaderSink
{
    /// <summary>Gets whether more can be taken.</summary>
    bool HasRoom { get; }

    void OnRead(IReadOnlyList<FeedRecord> records);

    /// <summary>Nothing more is there now.</summary>
    void OnEnd(int partition, long offset);
}
