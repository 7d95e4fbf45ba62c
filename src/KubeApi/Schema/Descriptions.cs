using System.Text;
using System.Xml;

namespace KubeApi.Schema;

/// <summary>
/// What the records and their fields are for, in words: the documentation comments of <c>KubeApi/Objects</c>, which the
/// compiler writes to <c>KubeApi.xml</c> beside the assembly. Read when somebody asks, and kept by nobody.
/// </summary>
public sealed class Descriptions
{
    private readonly Dictionary<string, string> texts = [];

    private Descriptions() { }

    /// <summary>Where the texts are.</summary>
    public static string File { get; } = Path.ChangeExtension(typeof(Descriptions).Assembly.Location, ".xml");

    /// <exception cref="IOException">The file is not there or cannot be read.</exception>
    /// <exception cref="XmlException">The file is damaged.</exception>
    public static Descriptions Load()
    {
        var descriptions = new Descriptions();
        using var reader = XmlReader.Create(File, new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit });
        while (reader.ReadToFollowing("member"))
        {
            var name = reader.GetAttribute("name")!;
            if (!name.StartsWith("T:", StringComparison.Ordinal) && !name.StartsWith("P:", StringComparison.Ordinal)) continue;
            using var member = reader.ReadSubtree();
            if (member.ReadToFollowing("summary")) descriptions.texts[name] = Text(member);
        }
        return descriptions;
    }

    /// <summary>Null if the type has no comment.</summary>
    public string? Of(Type type) => texts.GetValueOrDefault($"T:{type.FullName}");

    /// <summary>Null if the field has no comment.</summary>
    public string? Of(FieldSchema field) => texts.GetValueOrDefault($"P:{field.Property.DeclaringType!.FullName}.{field.Property.Name}");

    /// <summary>The text of an element in one line; a reference to a type or field becomes its name.</summary>
    private static string Text(XmlReader element)
    {
        var text = new StringBuilder();
        while (element.Read() && !(element.NodeType == XmlNodeType.EndElement && element.Name == "summary"))
        {
            if (element.NodeType is XmlNodeType.Text or XmlNodeType.SignificantWhitespace or XmlNodeType.Whitespace) text.Append(element.Value);
            else if (element.NodeType == XmlNodeType.Element && element.GetAttribute("cref") is { } reference) text.Append(reference.Split('.', ':')[^1]);
        }
        return string.Join(' ', text.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }
}
