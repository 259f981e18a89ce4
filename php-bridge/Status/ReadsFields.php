<?php

declare(strict_types=1);

namespace Revurb\Status;

use Error;
use ReflectionClass;

/**
 * Makes an object out of decoded JSON that another version of this package, or anybody, may have written.
 */
trait ReadsFields
{
    /** Null where a field is missing or of another type. Unknown fields are ignored. */
    public static function from(mixed $fields): ?self
    {
        if (! is_array($fields)) {
            return null;
        }

        $known = array_column((new ReflectionClass(self::class))->getConstructor()?->getParameters() ?? [], 'name');

        try {
            return new self(...array_intersect_key($fields, array_flip($known)));
        } catch (Error) {
            return null;
        }
    }
}
