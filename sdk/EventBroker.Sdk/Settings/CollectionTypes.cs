using System.Collections;

namespace EventBroker.Sdk.Settings;

// Which collection types settings may have, and what is made for them.
internal static class CollectionTypes
{
    public static Type? ItemOfDictionary(Type type)
    {
        if (!type.IsGenericType || type.GetGenericArguments() is not [var key, var value] || key != typeof(string))
        {
            return null;
        }

        return type.IsAssignableFrom(typeof(Dictionary<,>).MakeGenericType(key, value)) ? value : null;
    }

    public static Type? ItemOfList(Type type)
    {
        if (type.IsArray)
        {
            return type.GetElementType();
        }

        if (!type.IsGenericType || type.GetGenericArguments() is not [var item])
        {
            return null;
        }

        return type.IsAssignableFrom(typeof(List<>).MakeGenericType(item)) || type.IsAssignableFrom(typeof(HashSet<>).MakeGenericType(item))
            ? item
            : null;
    }

    public static IList NewList(Type item) => (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(item))!;

    public static IDictionary NewDictionary(Type value) =>
        (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(typeof(string), value), StringComparer.Ordinal)!;

    public static object Convert(IList items, Type type, Type itemType)
    {
        if (type.IsArray)
        {
            var array = Array.CreateInstance(itemType, items.Count);
            items.CopyTo(array, 0);
            return array;
        }

        return type.IsInstanceOfType(items) ? items : Activator.CreateInstance(typeof(HashSet<>).MakeGenericType(itemType), items)!;
    }
}
