namespace EventBroker.Transport.Kafka.Places;

/// <summary>What shares a commit: records that are completed, and whoever waits for it. Guarded by its place's lock.</summary>
internal sealed class CommitBatch
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private List<CommitBatch>? _failedBefore;

    public List<HeldRecord> Records { get; } = [];

    /// <summary>Gets a task that ends when the records were committed, or will not be. Their state says which.</summary>
    public Task Done => _done.Task;

    /// <summary>Takes over what another commit could not do.</summary>
    public void TakeOver(CommitBatch failed)
    {
        foreach (var record in failed.Records)
        {
            // What went with its partition meanwhile is not in the next commit.
            if (record.Batch == failed && record.State == RecordState.Settling)
            {
                record.Batch = this;
                Records.Add(record);
            }
        }

        (_failedBefore ??= []).Add(failed);
    }

    public void End()
    {
        _done.TrySetResult();
        _failedBefore?.ForEach(static b => b.End());
    }
}
