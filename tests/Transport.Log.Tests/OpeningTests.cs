using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using Microsoft.Data.Sqlite;

namespace EventBroker.Transport.Log.Tests;

public sealed class OpeningTests
{
    [Fact]
    public async Task A_second_broker_over_a_folder_is_refused_and_told_who_has_it()
    {
        await using var log = await Harness.CreateAsync();
        var failure = Assert.Throws<BrokerException>(log.Open);
        Assert.Contains(log.Directory, failure.Message, StringComparison.Ordinal);
        Assert.Contains($"process {Environment.ProcessId} on ", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_a_newer_broker_is_refused()
    {
        await using var log = await Harness.CreateAsync();
        await log.Transport.DisposeAsync();
        Execute(log.File, "PRAGMA user_version=99");
        var failure = Assert.Throws<BrokerException>(log.Open);
        Assert.Contains("newer broker (schema 99", failure.Message, StringComparison.Ordinal);
        Execute(log.File, "PRAGMA user_version=2");
        log.Open();
    }

    [Fact]
    public async Task A_file_of_an_older_broker_is_brought_up_to_date()
    {
        await using var log = await Harness.CreateAsync();
        await log.PublishAsync("a");
        await log.Transport.DisposeAsync();
        Execute(log.File, "DROP TABLE clock", "PRAGMA user_version=1");
        log.Open();
        Assert.Equal(["a"], await (await log.SubscribeAsync()).TakeTextAsync(1));
        await log.Transport.DisposeAsync();
        Assert.Equal(2L, Scalar(log.File, "PRAGMA user_version"));
        log.Open();
    }

    [Fact]
    public async Task A_file_of_something_else_is_refused_and_left_alone()
    {
        await using var log = await Harness.CreateAsync();
        await log.Transport.DisposeAsync();
        File.WriteAllText(log.File, "not a database, but somebody's notes, long enough to be read as a header of one hundred bytes, which is what a file has");
        var failure = Assert.Throws<BrokerException>(log.Open);
        Assert.Contains(log.File, failure.Message, StringComparison.Ordinal);
        Assert.Contains("damaged", failure.Message, StringComparison.Ordinal);
        File.Delete(log.File);
        Execute(log.File, "CREATE TABLE theirs (x)");
        failure = Assert.Throws<BrokerException>(log.Open);
        Assert.Contains("not a log of this broker", failure.Message, StringComparison.Ordinal);
        File.Delete(log.File);
        log.Open();
    }

    [Fact]
    public async Task A_write_ahead_log_that_is_cut_off_costs_what_was_cut_off_and_no_more()
    {
        await using var log = await Harness.CreateAsync();
        for (var i = 0; i < 50; i++)
        {
            await log.PublishAsync($"{i:D2}", size: 3000);
        }

        await log.KillAndOpenAsync();
        var image = log.Folder.Combine("image");
        TemporaryFolder.Copy(log.Directory, image);
        await log.Transport.DisposeAsync();
        Directory.Delete(log.Directory, recursive: true);
        Directory.Move(image, log.Directory);
        var wal = new FileInfo(log.File + "-wal");
        using (var stream = wal.Open(FileMode.Open))
        {
            stream.SetLength(wal.Length / 2);
        }

        log.Open();
        if ((await log.Transport.ListAsync(CancellationToken.None)).Count == 0)
        {
            return;
        }

        var messages = (int)(await log.Transport.DescribeAsync("e", CancellationToken.None)).Messages!.Value;
        Assert.InRange(messages, 0, 50);
        await log.PublishAsync("after");
        var texts = await (await log.SubscribeAsync()).TakeTextAsync(messages + 1);
        Assert.Equal([.. Enumerable.Range(0, messages).Select(static i => $"{i:D2}"), "after"], texts.Select(static t => t.TrimEnd()));
    }

    [Fact]
    public async Task The_folder_has_to_be_one_that_can_be_written()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.Combine("file"), "");
        await using var log = await Harness.CreateAsync();
        var settings = new LogSettings { Directory = folder.Combine("file") };
        var failure = Assert.Throws<BrokerException>(() => LogTransport.Open(
            "disk", settings, log.Clock, new System.Diagnostics.Metrics.Meter("tests"), Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance));
        Assert.Equal(BrokerErrorCode.FailedPrecondition, failure.Code);
        Assert.Contains(settings.Directory, failure.Message, StringComparison.Ordinal);
    }

    private static void Execute(string file, params string[] statements)
    {
        using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        foreach (var statement in statements)
        {
            using var command = connection.CreateCommand();
            command.CommandText = statement;
            command.ExecuteNonQuery();
        }
    }

    private static object? Scalar(string file, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
