namespace Benchmarks.Loads;

/// <summary>Work for one server, in portions of any size.</summary>
internal interface ILoad : IAsyncDisposable
{
    /// <summary>Gets the smallest portion; portions are multiples of it.</summary>
    long Step => 1;

    /// <summary>Gets the largest portion.</summary>
    long Limit => long.MaxValue;

    /// <summary>Does what the portion needs beforehand and is not measured.</summary>
    Task PrepareAsync(long messages, CancellationToken cancellation) => Task.CompletedTask;

    /// <summary>Does the portion, and returns when the server has done it.</summary>
    Task RunAsync(long messages, CancellationToken cancellation);

    /// <summary>Does what is left to do after the portion and is not measured.</summary>
    Task FinishAsync(CancellationToken cancellation) => Task.CompletedTask;
}
