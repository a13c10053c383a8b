using Microsoft.Data.Sqlite;

namespace Benchmarks.Durable;

/// <summary>The ceiling: SQLite in this process, one writer thread that commits whatever has gathered, a row for each message.</summary>
internal sealed class BareSqlite : IDurableStore
{
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _insert;
    private readonly object _gate = new();
    private readonly Thread _thread;
    private List<TaskCompletionSource> _queue = [];
    private bool _isStopping;

    public BareSqlite(string file)
    {
        _connection = new SqliteConnection($"Data Source={file};Pooling=False");
        _connection.Open();
        Execute("PRAGMA auto_vacuum=INCREMENTAL");
        Execute("PRAGMA journal_mode=WAL");
        Execute("PRAGMA synchronous=FULL");
        Execute("CREATE TABLE messages (id INTEGER PRIMARY KEY, body BLOB NOT NULL)");
        _insert = _connection.CreateCommand();
        _insert.CommandText = "INSERT INTO messages (body) VALUES ($body)";
        _insert.Parameters.AddWithValue("$body", SampleMessage.Payload);
        _insert.Prepare();
        _thread = new Thread(Run) { IsBackground = true };
        _thread.Start();
    }

    public string Name => "bare SQLite in the client's process";

    public Task PublishAsync(CancellationToken cancellation)
    {
        var completion = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _queue.Add(completion);
            Monitor.Pulse(_gate);
        }

        return completion.Task;
    }

    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _isStopping = true;
            Monitor.PulseAll(_gate);
        }

        _thread.Join();
        _insert.Dispose();
        _connection.Dispose();
        return ValueTask.CompletedTask;
    }

    private void Run()
    {
        while (true)
        {
            List<TaskCompletionSource> gathered;
            lock (_gate)
            {
                while (_queue.Count == 0)
                {
                    if (_isStopping)
                        return;

                    Monitor.Wait(_gate);
                }

                (gathered, _queue) = (_queue, []);
            }

            Execute("BEGIN IMMEDIATE");
            foreach (var _ in gathered)
                _insert.ExecuteNonQuery();

            Execute("COMMIT");
            gathered.ForEach(static completion => completion.SetResult());
        }
    }

    private void Execute(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
