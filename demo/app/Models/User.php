<?php

namespace App\Models;

use Illuminate\Foundation\Auth\User as Authenticatable;
use Illuminate\Support\Facades\Auth;

/**
 * @property int $id
 * @property string $name
 */
class User extends Authenticatable
{
    public const NAME_RULES = 'required|string|max:40';

    protected $fillable = ['name'];

    /** Signs in whoever goes by that name, a newcomer if need be. */
    public static function enter(string $name): void
    {
        Auth::login(self::firstOrCreate(['name' => $name]));
        session()->regenerate();
    }
}
