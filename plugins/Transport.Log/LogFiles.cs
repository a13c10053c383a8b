using EventBroker.Transport.Log.Places;
using EventBroker.Transport.Log.Storage;
using EventBroker.Transport.Log.Writing;

namespace EventBroker.Transport.Log;

/// <summary>What reads and writes the files of a log.</summary>
internal sealed class LogFiles(LogClock clock, BatchReader reader, HandedOverFile handedOver)
{
    public LogClock Clock => clock;

    public BatchReader Reader => reader;

    public HandedOverFile HandedOver => handedOver;

    /// <summary>Gets or sets the writer; set once, before the first operation.</summary>
    public LogWriter Writer { get; set; } = null!;
}
