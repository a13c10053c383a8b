using System.Net;
using System.Text.RegularExpressions;
using EventBroker.Broker;
using EventBroker.FunctionalTests.Clients;
using EventBroker.FunctionalTests.Hosting;

namespace EventBroker.FunctionalTests.Docs;

public sealed partial class QuickStartTests
{
    [Fact]
    public async Task The_walk_through_of_the_readme_works_line_by_line()
    {
        await using var host = await BrokerHost.StartAsync();
        var variables = new Dictionary<string, string>();
        var answers = new List<string>();
        SseClient? stream = null;
        var retries = new List<int>();
        var lines = CurlLines("README.md", "## Quick start");
        Assert.Equal(5, lines.Count);
        foreach (var line in lines)
        {
            // What a reader pastes from the second terminal.
            if (line.Contains("$ACK_ID", StringComparison.Ordinal))
            {
                var message = await stream!.ReadMessageAsync();
                variables["ACK_ID"] = message.GetProperty("ack_id").GetString()!;
                retries.Add(message.TryGetProperty("retry_count", out var retry) ? retry.GetInt32() : 0);
            }

            var command = CurlCommand.Parse(line, variables);
            Assert.Equal("127.0.0.1:8080", command.Address.Authority);
            if (command.IsStream)
            {
                stream = await SseClient.OpenAsync(host.Http, command.Address.PathAndQuery);
                continue;
            }

            answers.Add(await SendAsync(host, command));

            // The moment within which a message comes back that was given back.
            host.Time.Advance(new BrokerOptions().NackDelay);
        }

        await stream!.DisposeAsync();
        Assert.Equal([0, 1], retries);
        Assert.Contains($"`{answers[^1]}`", Text("README.md"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_page_on_protocols_shows_of_options_and_places_works_line_by_line()
    {
        await using var host = await BrokerHost.StartAsync();
        var lines = CurlLines("docs/protocols.md", "## Looking into events and moving places");
        Assert.Equal(3, lines.Count);
        foreach (var line in lines)
        {
            Assert.Equal("{}", await SendAsync(host, CurlCommand.Parse(line, new Dictionary<string, string>())));
        }
    }

    private static async Task<string> SendAsync(BrokerHost host, CurlCommand command)
    {
        using var request = new HttpRequestMessage(new HttpMethod(command.Method), command.Address.PathAndQuery);
        if (command.Body is not null)
        {
            request.Content = new StringContent(command.Body);
            request.Content.Headers.ContentType = new("application/x-www-form-urlencoded");
        }

        using var response = await host.Http.SendAsync(request);
        Assert.True(response.StatusCode == HttpStatusCode.OK, $"{command.Address} was answered with {response.StatusCode}");
        return await response.Content.ReadAsStringAsync();
    }

    private static List<string> CurlLines(string document, string heading)
    {
        var text = Text(document);
        var start = text.IndexOf(heading, StringComparison.Ordinal);
        var part = text[start..text.IndexOf("\n## ", start + 1, StringComparison.Ordinal)];
        return [.. Fence().Matches(part)
            .SelectMany(static m => m.Groups["code"].Value.Replace("\\\n", "", StringComparison.Ordinal).Split('\n'))
            .Where(static l => l.StartsWith("curl ", StringComparison.Ordinal))];
    }

    private static string Text(string document)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "EventBroker.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("EventBroker.sln was not found above the tests");
        }

        return File.ReadAllText(Path.Combine(folder.FullName, document));
    }

    [GeneratedRegex("```bash\n(?<code>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Fence();
}
