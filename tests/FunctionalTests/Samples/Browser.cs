using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EventBroker.FunctionalTests.Samples;

/// <summary>A headless Chromium with one page, driven over its DevTools protocol. It tells when something has happened, so
/// nothing here polls or sleeps.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private const string Listening = "DevTools listening on ";
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome"];

    private readonly Process _process;
    private readonly string _profile;
    private readonly ClientWebSocket _socket = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonNode>> _calls = new();
    private readonly TaskCompletionSource _loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _sending = new(1, 1);
    private Task _receiving = Task.CompletedTask;
    private string? _session;
    private int _lastCall;

    private Browser(Process process, string profile)
    {
        _process = process;
        _profile = profile;
    }

    /// <summary>Starts the browser, opens a page and waits until it is loaded.</summary>
    public static async Task<Browser> OpenAsync(Uri page, params string[] arguments)
    {
        var profile = Directory.CreateTempSubdirectory("eventbroker-browser-").FullName;
        var start = new ProcessStartInfo(FindExecutable())
        {
            UseShellExecute = false,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            ArgumentList =
            {
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--remote-debugging-port=0", "--user-data-dir=" + profile,
                "about:blank",
            },
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Insert(0, argument);
        }

        var browser = new Browser(Process.Start(start)!, profile);
        try
        {
            await browser.ConnectAsync();
            await browser.NavigateAsync(page);
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    /// <summary>Opens another tab, waits until something is there in it, and returns its name.</summary>
    public async Task<string> OpenTabAsync(Uri page, string condition)
    {
        var tab = await AttachAsync(page.ToString());
        while (await EvaluateAsync($"Boolean({condition})", tab) != "true")
        {
            await Task.Yield();
        }

        return tab;
    }

    /// <summary>Evaluates an expression in the page, or in another tab; a promise is awaited.</summary>
    public async Task<string> EvaluateAsync(string expression, string tab = "")
    {
        var result = await CallAsync("Runtime.evaluate", new JsonObject
        {
            ["expression"] = expression,
            ["awaitPromise"] = true,
            ["returnByValue"] = true,
        }, tab);
        return result["exceptionDetails"] is { } fault
            ? throw new InvalidOperationException(fault.ToJsonString())
            : result["result"]?["value"]?.ToString() ?? "";
    }

    /// <summary>Waits until an expression is true in the page, which is looked at whenever the page changes.</summary>
    public Task WaitUntilAsync(string condition, string tab = "") => EvaluateAsync(
        $$"""
        new Promise(resolve => {
          const observer = new MutationObserver(look);
          function look() { if ({{condition}}) { observer.disconnect(); resolve(true); } }
          observer.observe(document, { subtree: true, childList: true, characterData: true });
          look();
        })
        """,
        tab);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
        await _receiving;
        _socket.Dispose();
        _sending.Dispose();
        try
        {
            Directory.Delete(_profile, recursive: true);
        }
        catch (IOException)
        {
            // A child of the browser is still writing its last; the folder is a temporary one.
        }
    }

    private static string FindExecutable()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        return Names.SelectMany(name => folders.Select(folder => Path.Combine(folder, name))).FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException("no Chromium on the PATH: ./test.sh installs it, or apt-get install chromium");
    }

    private async Task ConnectAsync()
    {
        string? line;
        do
        {
            line = await _process.StandardError.ReadLineAsync()
                ?? throw new InvalidOperationException("Chromium ended before it listened");
        }
        while (!line.StartsWith(Listening, StringComparison.Ordinal));

        // Nobody reads what it says further, and it must not wait for that.
        _process.BeginOutputReadLine();
        _ = _process.StandardError.BaseStream.CopyToAsync(Stream.Null);
        await _socket.ConnectAsync(new Uri(line[Listening.Length..]), CancellationToken.None);
        _receiving = ReceiveAsync();
    }

    private async Task NavigateAsync(Uri page)
    {
        _session = await AttachAsync("about:blank");
        await CallAsync("Page.enable", []);
        await CallAsync("Page.navigate", new JsonObject { ["url"] = page.ToString() });
        await _loaded.Task;
    }

    private async Task<string> AttachAsync(string page)
    {
        var target = await CallAsync("Target.createTarget", new JsonObject { ["url"] = page });
        var attached = await CallAsync("Target.attachToTarget", new JsonObject
        {
            ["targetId"] = target["targetId"]!.ToString(),
            ["flatten"] = true,
        });
        return attached["sessionId"]!.ToString();
    }

    private async Task<JsonNode> CallAsync(string method, JsonObject parameters, string tab = "")
    {
        var id = Interlocked.Increment(ref _lastCall);
        var answer = _calls[id] = new TaskCompletionSource<JsonNode>(TaskCreationOptions.RunContinuationsAsynchronously);
        var call = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters };
        if ((tab.Length > 0 ? tab : _session) is { } session && !method.StartsWith("Target.", StringComparison.Ordinal))
        {
            call["sessionId"] = session;
        }

        await _sending.WaitAsync();
        try
        {
            await _socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(call), WebSocketMessageType.Text, true, CancellationToken.None);
        }
        finally
        {
            _sending.Release();
        }

        return await answer.Task;
    }

    private async Task ReceiveAsync()
    {
        var buffer = new byte[64 * 1024];
        using var text = new MemoryStream();
        try
        {
            while (true)
            {
                var part = await _socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    break;
                }

                text.Write(buffer, 0, part.Count);
                if (part.EndOfMessage)
                {
                    Dispatch(JsonNode.Parse(text.ToArray())!);
                    text.SetLength(0);
                }
            }
        }
        catch (WebSocketException)
        {
            // The browser was ended.
        }

        foreach (var call in _calls.Values)
        {
            call.TrySetException(new InvalidOperationException("the browser has ended"));
        }

        _loaded.TrySetException(new InvalidOperationException("the browser has ended"));
    }

    private void Dispatch(JsonNode message)
    {
        if (message["id"] is null)
        {
            // about:blank fires it too, before the session asks for events.
            if (message["method"]?.ToString() == "Page.loadEventFired")
            {
                _loaded.TrySetResult();
            }
        }
        else if (_calls.TryRemove(message["id"]!.GetValue<int>(), out var call))
        {
            if (message["error"] is { } error)
            {
                call.SetException(new InvalidOperationException(error.ToJsonString()));
            }
            else
            {
                call.SetResult(message["result"]!);
            }
        }
    }
}
