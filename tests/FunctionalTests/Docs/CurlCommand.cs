using System.Text;

namespace EventBroker.FunctionalTests.Docs;

// A curl line of a document, understood as far as the documents use curl.
internal sealed class CurlCommand
{
    public string Method { get; private set; } = "GET";

    public string? Body { get; private set; }

    // Stays open: curl -N.
    public bool IsStream { get; private set; }

    public Uri Address { get; private set; } = null!;

    public static CurlCommand Parse(string line, IReadOnlyDictionary<string, string> variables)
    {
        var command = new CurlCommand();
        using var words = Split(line, variables).GetEnumerator();
        Assert.True(words.MoveNext() && words.Current == "curl", line);
        while (words.MoveNext())
        {
            switch (words.Current)
            {
                case "-X":
                    command.Method = Next();
                    break;
                case "-d":
                    command.Body = Next();
                    break;
                case "-N":
                    command.IsStream = true;
                    break;
                default:
                    command.Address = new Uri(words.Current);
                    break;
            }
        }

        return command;

        string Next() => words.MoveNext() ? words.Current : throw new FormatException("the last option has no value: " + line);
    }

    // Words as a shell makes them: quotes of both kinds, and in double ones \" and variables.
    private static IEnumerable<string> Split(string line, IReadOnlyDictionary<string, string> variables)
    {
        var word = new StringBuilder();
        var quote = '\0';
        for (var at = 0; at < line.Length; at++)
        {
            var c = line[at];
            if (quote == '\0' && c == ' ')
            {
                if (word.Length > 0)
                {
                    yield return word.ToString();
                    word.Clear();
                }
            }
            else if (quote == '\0' ? c is '\'' or '"' : c == quote)
            {
                quote = quote == '\0' ? c : '\0';
            }
            else if (c == '\\' && quote != '\'')
            {
                word.Append(line[++at]);
            }
            else if (c == '$' && quote != '\'')
            {
                var name = string.Concat(line.Skip(at + 1).TakeWhile(static n => char.IsAsciiLetterUpper(n) || n == '_'));
                word.Append(variables[name]);
                at += name.Length;
            }
            else
            {
                word.Append(c);
            }
        }

        if (word.Length > 0)
        {
            yield return word.ToString();
        }
    }
}
